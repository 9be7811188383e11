package io.bida.transport.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Where those wait that could not go on at once. One thread of its own asks each again and again, after pauses that grow
 * while nobody leaves. Thread-safe.
 */
final class WaitingRoom<T> implements AutoCloseable {

    private static final long FIRST_PAUSE_MILLIS = 2;
    private static final long LONGEST_PAUSE_MILLIS = 64;

    private final BlockingQueue<T> coming = new LinkedBlockingQueue<>();
    private final Predicate<T> leaves;
    private final Thread thread;
    private volatile boolean closed;

    /** @param leaves whether one leaves; after the closing everyone is asked for the last time */
    WaitingRoom(String name, Predicate<T> leaves) {
        this.leaves = leaves;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    void add(T one) {
        coming.add(one);
        if (closed) {
            sendAway();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<T> here = new ArrayList<>();
        long pause = FIRST_PAUSE_MILLIS;
        try {
            while (!closed) {
                if (here.isEmpty()) {
                    here.add(coming.take());
                }
                coming.drainTo(here);
                pause = here.removeIf(leaves) ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                if (!here.isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(pause);
                }
            }
        } catch (InterruptedException e) {
            // Closed: said below.
        }
        coming.addAll(here);
        sendAway();
    }

    private void sendAway() {
        List<T> last = new ArrayList<>();
        coming.drainTo(last);
        last.removeIf(leaves);
    }
}
