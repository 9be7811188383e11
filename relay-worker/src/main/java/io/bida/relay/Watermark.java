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
    private final Deque<Mark> marks = new ArrayDeque<>();
    private long low;

    Watermark(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A place that may be passed at a time, when all transactions before {@code next} have ended. */
    private record Mark(long seq, long passableAt, long next) {}

    long low() {
        return low;
    }

    /** Begins anew, from the start of the table. */
    void reset() {
        marks.clear();
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
        Mark last = marks.peekLast();
        if (high > Math.max(low, last == null ? 0 : last.seq())) {
            marks.add(new Mark(high, settled ? now : now + TRAIL.toNanos(), span.next()));
        }
        while (!marks.isEmpty() && isPassable(marks.getFirst(), now, firstOpen, span)) {
            low = marks.removeFirst().seq();
        }
    }

    private static boolean isPassable(Mark mark, long now, long firstOpen, TransactionSpan span) {
        return now - mark.passableAt() >= 0 && mark.seq() < firstOpen && span.oldest() >= mark.next();
    }
}
