package io.bida.transport.rocketmq;

import java.util.TreeMap;

/**
 * How far one queue is handled: up to the first delivery that is not done. Thread-safe.
 *
 * <p>After a hand-over and back a queue may be read from an earlier offset again, while earlier deliveries of the same
 * messages are still being handled; then both must be done.
 */
final class QueueProgress {

    private final TreeMap<Long, Integer> underWay = new TreeMap<>();
    private long next = -1;
    private long committed = -1;

    synchronized void taken(long offset) {
        underWay.merge(offset, 1, Integer::sum);
        next = offset + 1;
    }

    synchronized void done(long offset) {
        underWay.computeIfPresent(offset, (key, times) -> times == 1 ? null : times - 1);
    }

    /** The offset to begin with if another had to go on now. */
    synchronized long position() {
        return underWay.isEmpty() ? next : Math.min(next, underWay.firstKey());
    }

    synchronized boolean isCommitted(long position) {
        return committed == position;
    }

    synchronized void committed(long position) {
        committed = position;
    }
}
