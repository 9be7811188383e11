package io.bida.examples.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Tells how it goes, again and again, until it is closed. */
final class Progress implements AutoCloseable {

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private Progress(Duration interval, Runnable tell) {
        thread = new Thread(() -> repeat(interval, tell), "progress");
        thread.setDaemon(true);
    }

    static Progress every(Duration interval, Runnable tell) {
        Progress progress = new Progress(interval, tell);
        progress.thread.start();
        return progress;
    }

    private void repeat(Duration interval, Runnable tell) {
        try {
            while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                tell.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks every 50 ms whether it has come to pass. */
    static void await(Duration atMost, BooleanSupplier done) throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new TimeoutException();
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    static void pauseUntil(long nanoTime) {
        long left = nanoTime - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = nanoTime - System.nanoTime();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
    }
}
