package io.bida.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;

/**
 * Publishes at a rate, whether or not the server keeps up: each transaction begins at its time, on one of many threads.
 *
 * @param gaps between two transactions, as multiples of the mean
 */
record Traffic(double perSecond, Duration length, DoubleSupplier gaps) {

    private static final int THREADS = 32;
    private static final long SEED = 42;

    /** One transaction with the message of a number. */
    interface Publisher {
        Commit publish(int number) throws Exception;
    }

    /** When a transaction's COMMIT was sent and when it returned, in microseconds. */
    record Commit(long sentAt, long returnedAt) {}

    static Traffic random(double perSecond, Duration length) {
        Random random = new Random(SEED);
        return new Traffic(perSecond, length, () -> -Math.log(1 - random.nextDouble()));
    }

    static Traffic steady(double perSecond, Duration length) {
        return new Traffic(perSecond, length, () -> 1);
    }

    /** At most so many. */
    int messages() {
        return (int) Math.ceil(perSecond * length.toMillis() / 1e3);
    }

    /** Answers the commits by the numbers of their messages, from 0. */
    List<Commit> publish(Publisher publisher) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Commit>> commits = new ArrayList<>();
            double next = System.nanoTime();
            for (int i = 0; i < messages(); i++) {
                int number = i;
                next += gaps.getAsDouble() * TimeUnit.SECONDS.toNanos(1) / perSecond;
                await((long) next);
                commits.add(threads.submit(() -> publisher.publish(number)));
            }
            List<Commit> done = new ArrayList<>();
            for (Future<Commit> commit : commits) {
                done.add(commit.get());
            }
            return done;
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
