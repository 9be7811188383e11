package io.bida.relay;

import io.bida.outbox.OutboxStore.TransactionSpan;
import io.bida.outbox.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * The numbers that were missing when the claimer read beyond them. A transaction takes its number at the insert and shows
 * its row at the commit, so that the row of a lower number may appear after those of higher ones. A missing number is
 * looked for until nothing can appear there any more:
 *
 * <ul>
 *   <li>not before the {@link #TRAIL} has passed since it was read beyond, unless so many numbers were taken after it
 *       that this took longer: a number that was taken shows as an open insert by then, where the database shows those,
 *       and its transaction counts as in flight;
 *   <li>not while an open insert shows there;
 *   <li>where open inserts do not show: not while a transaction is open that was open then.
 * </ul>
 *
 * What is looked for is bounded by the inserts that are open or were rolled back just now, however long a transaction
 * stays open and however many rows were read since. For one thread.
 */
final class Gaps {

    static final Duration TRAIL = Duration.ofSeconds(2);

    /** More numbers than are taken within the trail. */
    static final long RECENT = 200_000;

    /** A server that is given ten thousands of spans takes minutes to plan. */
    private static final int MOST_SPANS = 100;

    private final LongSupplier nanoClock;
    /** By the first number; they do not overlap. */
    private final TreeMap<Long, Gap> gaps = new TreeMap<>();

    Gaps(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * @param ripeAt when the trail has passed
     * @param openBefore all transactions before this one have to end; {@link #UNRIPE} until the trail has passed
     */
    private record Gap(Span span, long ripeAt, long openBefore) {

        static final long UNRIPE = -1;

        Gap ripe(TransactionSpan transactions) {
            return new Gap(span, ripeAt, transactions.next());
        }

        Gap part(long from, long to) {
            return new Gap(new Span(from, to), ripeAt, openBefore);
        }
    }

    boolean isEmpty() {
        return gaps.isEmpty();
    }

    void clear() {
        gaps.clear();
    }

    /** Spans that hold the numbers to look for; where those are scattered, others too. */
    List<Span> spans() {
        return Span.cover(gaps.values().stream().map(Gap::span).toList(), MOST_SPANS);
    }

    /** Whether a number is looked for. */
    boolean has(long seq) {
        Map.Entry<Long, Gap> entry = gaps.floorEntry(seq);
        return entry != null && seq <= entry.getValue().span().to();
    }

    /**
     * What is missing between two numbers.
     *
     * @param after exclusive
     * @param upTo inclusive
     * @param present the numbers that are there
     * @param settled up to which all were taken longer than the trail ago
     */
    void add(long after, long upTo, Set<Long> present, long settled) {
        long recent = Math.max(settled, upTo - RECENT);
        long next = after + 1;
        for (long seq : new TreeSet<>(present)) {
            add(next, seq - 1, recent);
            next = seq + 1;
        }
        add(next, upTo, recent);
    }

    private void add(long from, long to, long recent) {
        long now = nanoClock.getAsLong();
        put(from, Math.min(to, recent), now);
        put(Math.max(from, recent + 1), to, now + TRAIL.toNanos());
    }

    private void put(long from, long to, long ripeAt) {
        if (from <= to) {
            gaps.put(from, new Gap(new Span(from, to), ripeAt, Gap.UNRIPE));
        }
    }

    /** A number that is missing no more. */
    void remove(long seq) {
        Map.Entry<Long, Gap> entry = gaps.floorEntry(seq);
        if (entry == null || entry.getValue().span().to() < seq) {
            return;
        }
        Gap gap = entry.getValue();
        gaps.remove(entry.getKey());
        if (gap.span().from() < seq) {
            gaps.put(gap.span().from(), gap.part(gap.span().from(), seq - 1));
        }
        if (seq < gap.span().to()) {
            gaps.put(seq + 1, gap.part(seq + 1, gap.span().to()));
        }
    }

    /**
     * Gives up what nothing can appear in any more.
     *
     * @param transactions asked for before the numbers were looked for
     * @param open the numbers that were seen there: of inserts that are still open
     */
    void close(TransactionSpan transactions, Set<Long> open) {
        TreeSet<Long> shown = new TreeSet<>(open);
        long now = nanoClock.getAsLong();
        for (Gap gap : new ArrayList<>(gaps.values())) {
            Long first = shown.ceiling(gap.span().from());
            if (now - gap.ripeAt() < 0) {
                continue;
            }
            Gap ripe = gap.openBefore() == Gap.UNRIPE ? gap.ripe(transactions) : gap;
            if (transactions.oldest() < ripe.openBefore()) {
                gaps.put(gap.span().from(), ripe);
            } else if (first == null || first > gap.span().to()) {
                gaps.remove(gap.span().from());
            } else {
                keepOnly(ripe, shown);
            }
        }
    }

    /** Of a gap in which some inserts are open, only those. */
    private void keepOnly(Gap gap, NavigableSet<Long> shown) {
        gaps.remove(gap.span().from());
        for (long seq : shown.subSet(gap.span().from(), true, gap.span().to(), true)) {
            gaps.put(seq, gap.part(seq, seq));
        }
    }
}
