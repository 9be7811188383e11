package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.compatibility.ChildConsumers.Delivery;
import io.bida.compatibility.ChildConsumers.Reply;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A broker that delivers each message ten times to each of three groups, duplicates close to each other, to 32
 * consumers in four processes that are killed in turns; what is not acknowledged is delivered again. Each message takes
 * effect once in each group.
 *
 * <p>{@code -Dbida.crash.messages=100000} makes it the size of the promise.
 */
@Timeout(7_200)
@ParameterizedClass
@EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
class ConsumerCrashTest {

    private static final int MESSAGES = Integer.getInteger("bida.crash.messages", 500);
    static final boolean IS_LONG = MESSAGES > 10_000;
    private static final int DELIVERIES = 10;
    private static final int PROCESSES = 4;
    private static final int WINDOW = 4 * ChildConsumers.THREADS;
    private static final int KILLS = 6;

    /** Messages whose deliveries are mixed with each other. */
    private static final int BLOCK = 50;

    private final Schema schema;
    private final Queue<Delivery> waiting = new ConcurrentLinkedQueue<>();
    private final int total = MESSAGES * DELIVERIES * ChildConsumers.GROUPS;
    private final CountDownLatch unacknowledged = new CountDownLatch(total);
    private final AtomicInteger again = new AtomicInteger();
    private final List<Courier> couriers = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("");

    ConsumerCrashTest(Store store) {
        schema = new Schema(store);
        schema.jdbi.useHandle(
                handle -> handle.execute("CREATE TABLE effect (consumer INT NOT NULL, number INT NOT NULL)"));
    }

    @AfterEach
    void close() {
        couriers.forEach(Courier::stop);
        schema.close();
    }

    @Test
    void eachMessageTakesEffectOnceInEachGroup() throws InterruptedException {
        long begin = System.nanoTime();
        fill(new Random(42));
        File log = folder.resolve("consumers.log").toFile();
        for (int i = 0; i < PROCESSES; i++) {
            couriers.add(new Courier(log));
        }
        for (int kill = 1; kill <= KILLS; kill++) {
            awaitAcknowledged((long) total * kill / (KILLS + 1));
            couriers.get(kill % PROCESSES).kill();
        }
        unacknowledged.await();

        int effects = schema.count("effect");
        int distinct = schema.count("(SELECT DISTINCT consumer, number FROM effect) AS d");
        System.out.printf(
                "%s: %,d messages, each delivered %d times to each of %d groups, %d consumers, %d kills, %,d deliveries"
                        + " not acknowledged and repeated: effects %,d, distinct %,d, ledger %,d, %.0f s%n",
                schema.database.dialect().name(),
                MESSAGES,
                DELIVERIES,
                ChildConsumers.GROUPS,
                PROCESSES * ChildConsumers.THREADS,
                KILLS,
                again.get(),
                effects,
                distinct,
                schema.count("bida_inbox"),
                (System.nanoTime() - begin) / 1e9);
        assertThat(effects).isEqualTo(MESSAGES * ChildConsumers.GROUPS).isEqualTo(distinct);
        assertThat(again).hasPositiveValue();
    }

    private void fill(Random random) {
        for (int from = 0; from < MESSAGES; from += BLOCK) {
            List<Delivery> block = new ArrayList<>();
            for (int number = from; number < Math.min(MESSAGES, from + BLOCK); number++) {
                for (int group = 0; group < ChildConsumers.GROUPS; group++) {
                    block.addAll(Collections.nCopies(DELIVERIES, new Delivery(group, number)));
                }
            }
            Collections.shuffle(block, random);
            waiting.addAll(block);
        }
    }

    private void awaitAcknowledged(long count) throws InterruptedException {
        while (total - unacknowledged.getCount() < count) {
            unacknowledged.await(5, TimeUnit.MILLISECONDS);
        }
    }

    /** Hands deliveries to one process at a time, a window of them, and the next process what the last one left. */
    private final class Courier {

        private final File log;
        private final Thread thread = new Thread(this::run, "courier");
        private volatile boolean stopped;
        private volatile ChildConsumers consumers;

        Courier(File log) {
            this.log = log;
            this.consumers = ChildConsumers.start(schema, log);
            thread.setDaemon(true);
            thread.start();
        }

        void kill() {
            consumers.close();
        }

        void stop() {
            stopped = true;
            kill();
        }

        private void run() {
            try {
                while (!stopped) {
                    List<Delivery> left = served(consumers);
                    again.addAndGet(left.size());
                    waiting.addAll(left);
                    if (!stopped) {
                        consumers = ChildConsumers.start(schema, log);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Until the process has ended; answers what it had not acknowledged. */
        private List<Delivery> served(ChildConsumers process) throws InterruptedException {
            List<Delivery> open = new ArrayList<>();
            while (handOver(process, open)) {
                if (open.isEmpty()) {
                    unacknowledged.await(5, TimeUnit.MILLISECONDS);
                    continue;
                }
                Reply reply = process.reply();
                if (reply == null) {
                    return open;
                }
                open.remove(reply.delivery());
                if (reply.acknowledged()) {
                    unacknowledged.countDown();
                } else {
                    again.incrementAndGet();
                    waiting.add(reply.delivery());
                }
            }
            return open;
        }

        private boolean handOver(ChildConsumers process, List<Delivery> open) {
            while (open.size() < WINDOW && !stopped) {
                Delivery next = waiting.poll();
                if (next == null) {
                    return true;
                }
                open.add(next);
                if (!process.deliver(next)) {
                    return false;
                }
            }
            return !stopped;
        }
    }
}
