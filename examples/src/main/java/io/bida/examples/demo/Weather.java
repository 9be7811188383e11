package io.bida.examples.demo;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.FaultyProxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The faults of a network or a broker, one after the other, with fair spells between. */
final class Weather implements AutoCloseable {

    private final Thread thread = new Thread(this::change, "weather");
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Spell> spells;
    private final Runnable end;
    private volatile String now = "fair";

    private record Spell(String name, long millis, Runnable begin) {}

    private Weather(List<Spell> spells, Runnable end) {
        this.spells = spells;
        this.end = end;
    }

    static Weather over(FaultyProxy network) {
        return begun(new Weather(
                List.of(
                        new Spell("fair", 800, network::heal),
                        new Spell("answers are lost", 300, network::loseAnswers),
                        new Spell("fair", 800, () -> clearAndCut(network)),
                        new Spell("connections are refused", 300, () -> refuse(network)),
                        new Spell("fair", 800, network::heal),
                        new Spell("connections are cut", 100, network::cut)),
                () -> clearAndCut(network)));
    }

    /** Killed once in the middle, as a crash would. */
    static Weather of(BrokerServer broker) {
        return begun(new Weather(
                List.of(
                        new Spell("fair", 3_000, () -> {}),
                        new Spell("the broker is killed and starts again", 0, broker::bounce),
                        new Spell("fair", Long.MAX_VALUE, () -> {})),
                () -> {}));
    }

    private static Weather begun(Weather weather) {
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
    private static void clearAndCut(FaultyProxy network) {
        network.heal();
        network.cut();
    }

    private static void refuse(FaultyProxy network) {
        network.refuse();
        network.cut();
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
        end.run();
        now = "fair";
    }
}
