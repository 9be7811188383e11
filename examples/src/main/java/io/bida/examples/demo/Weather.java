package io.bida.examples.demo;

import io.bida.testkit.FaultyProxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The network's faults, one after the other, with fair spells between. */
final class Weather implements AutoCloseable {

    private final FaultyProxy network;
    private final Thread thread = new Thread(this::change, "weather");
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Spell> spells;
    private volatile String now = "fair";

    private record Spell(String name, long millis, Runnable begin) {}

    private Weather(FaultyProxy network) {
        this.network = network;
        spells = List.of(
                new Spell("fair", 800, network::heal),
                new Spell("answers are lost", 300, network::loseAnswers),
                new Spell("fair", 800, this::clearAndCut),
                new Spell("connections are refused", 300, this::refuse),
                new Spell("fair", 800, network::heal),
                new Spell("connections are cut", 100, network::cut));
    }

    static Weather over(FaultyProxy network) {
        Weather weather = new Weather(network);
        weather.thread.start();
        return weather;
    }

    String now() {
        return now;
    }

    private void change() {
        try {
            for (int i = 0; ; i++) {
                Spell spell = spells.get(i % spells.size());
                now = spell.name();
                spell.begin().run();
                if (closed.await(spell.millis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A connection whose answers were lost would answer the wrong request: it is of no more use. */
    private void clearAndCut() {
        network.heal();
        network.cut();
    }

    private void refuse() {
        network.refuse();
        network.cut();
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
        clearAndCut();
        now = "fair";
    }
}
