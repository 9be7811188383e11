package io.bida.relay;

import io.bida.outbox.OutboxStore.TransactionSpan;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * The number below which nothing new can appear in the hot table.
 *
 * <p>A transaction takes its number at the insert and shows its row at the commit, so lower numbers may appear after
 * higher ones. The watermark follows the highest number read, but stays behind
 *
 * <ul>
 *   <li>what was read less than {@link #TRAIL} ago: a number that was taken shows as an open insert by then;
 *   <li>every open insert, where the database shows them;
 *   <li>what was read while transactions were open that still are, where it does not.
 * </ul>
 */
final class Watermark {

    static final Duration TRAIL = Duration.ofSeconds(2);

    private final LongSupplier nanoClock;
    private final Deque<Mark> trailing = new ArrayDeque<>();
    private final Deque<Mark> waiting = new ArrayDeque<>();
    private long low;

    Watermark(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * A place to pass.
     *
     * @param at while it trails: the time from which on it waits; then: the transaction before which all must have ended
     */
    private record Mark(long seq, long at) {}

    long low() {
        return low;
    }

    /** Begins anew, from the start of the table. */
    void reset() {
        trailing.clear();
        waiting.clear();
        low = 0;
    }

    /** Moves on to a number before which none is missing. */
    void pass(long high) {
        low = high;
    }

    /**
     * Moves on as far as is safe.
     *
     * @param high the highest number read
     * @param settled whether the row of that number is older than the trail
     * @param firstOpen the lowest open insert that is known, or {@link Long#MAX_VALUE}
     * @param span the transactions in flight, asked for after the read
     */
    void advance(long high, boolean settled, long firstOpen, TransactionSpan span) {
        long now = nanoClock.getAsLong();
        if (high > highest()) {
            trailing.add(new Mark(high, settled ? now : now + TRAIL.toNanos()));
        }
        // Asked for only now: a transaction may take its number a moment before it counts as in flight.
        while (!trailing.isEmpty() && now - trailing.getFirst().at() >= 0) {
            waiting.add(new Mark(trailing.removeFirst().seq(), span.next()));
        }
        while (!waiting.isEmpty()
                && waiting.getFirst().seq() < firstOpen
                && span.oldest() >= waiting.getFirst().at()) {
            low = waiting.removeFirst().seq();
        }
    }

    private long highest() {
        Mark last = trailing.isEmpty() ? waiting.peekLast() : trailing.peekLast();
        return last == null ? low : last.seq();
    }
}
