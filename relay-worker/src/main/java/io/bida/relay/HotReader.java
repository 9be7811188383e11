package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.ClaimBatch;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.OutboxStore.TransactionSpan;
import io.bida.outbox.Room;
import io.bida.outbox.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Reads the hot table forward, without locking or changing a row.
 *
 * <ol>
 *   <li>Read on from the highest number read so far; numbers that are missing on the way are {@link Gaps}.
 *   <li>Look for rows that were committed late in the gaps. This comes second: whoever saw its predecessor committed
 *       before inserting is either behind it in the first read, or was not read yet.
 *   <li>Hand on both in the order of their numbers, without those in flight. When not all that is late has room, only of
 *       that: what is new may belong behind the rest of it.
 * </ol>
 *
 * Now and then everything behind is swept for what should not be there, such as a row whose number was given by hand.
 */
final class HotReader {

    private static final ClaimBatch NOTHING = new ClaimBatch(List.of(), true);
    private static final int SKIP_STEP = 1_000;
    private static final Duration SKIP_EVERY = Duration.ofSeconds(1);
    private static final Duration SKIP_SELDOM = Duration.ofSeconds(5);
    private static final int MAX_STRAYS = 1_000;
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(60);
    /** A sweep over a table whose dead rows are not purged takes long: it may cost a hundredth of the time. */
    private static final int SWEEP_SHARE = 100;

    private final OutboxStore store;
    private final Session committed;
    private final Session open;
    private final InFlight inFlight;
    private final LongSupplier nanoClock;
    private final Gaps gaps;
    private final BatchSize batch;
    private volatile long high;
    /** Was passed at that time. */
    private long passed;

    private long passedAt;
    private long settled;
    private long skipAt;
    private long sweepAt;

    /**
     * @param open at READ UNCOMMITTED, so that open inserts show where the database shows them
     * @param batch messages per read
     */
    HotReader(
            OutboxStore store, Session committed, Session open, InFlight inFlight, LongSupplier nanoClock, int batch) {
        this.store = store;
        this.committed = committed;
        this.open = open;
        this.inFlight = inFlight;
        this.nanoClock = nanoClock;
        this.gaps = new Gaps(nanoClock);
        this.batch = new BatchSize(batch);
        this.skipAt = nanoClock.getAsLong();
        this.passedAt = skipAt;
        this.sweepAt = skipAt + SWEEP_EVERY.toNanos();
    }

    /** Begins again from the start of the table: after shards were taken over. */
    void rewind() {
        high = 0;
        gaps.clear();
    }

    /** The highest number read so far; from any thread. */
    long high() {
        return high;
    }

    /** What can be claimed next; not yet entered as in flight. When it fails, all is read anew: what was read is lost. */
    List<Claim> read(Map<Integer, Long> leases, Room room) {
        boolean done = false;
        try {
            List<Claim> claims = readAll(leases, room);
            done = true;
            return claims;
        } finally {
            if (!done) {
                rewind();
            }
        }
    }

    private List<Claim> readAll(Map<Integer, Long> leases, Room room) {
        Room asked = room.atMost(batch.next());
        ClaimBatch fresh = committed.query(handle -> store.after(handle, high, leases, asked));
        batch.got(fresh, asked.messages());
        ClaimBatch late = gaps.isEmpty() ? NOTHING : late(leases, room);
        List<Claim> claims = new ArrayList<>(late.claims());
        if (late.last()) {
            claims.addAll(fresh.claims());
            readOn(fresh, leases);
        }
        if (nanoClock.getAsLong() - sweepAt >= 0) {
            claims.addAll(strays(leases, room));
        }
        claims.removeIf(claim -> inFlight.has(claim.row()));
        claims.sort(Comparator.comparingLong(claim -> claim.row().seq()));
        return claims;
    }

    private void readOn(ClaimBatch fresh, Map<Integer, Long> leases) {
        List<Claim> claims = fresh.claims();
        long last =
                claims.isEmpty() ? high : claims.get(claims.size() - 1).row().seq();
        long next = fresh.last() ? Math.max(last, beyondOthers(last, leases).orElse(last)) : last;
        if (next == high) {
            return;
        }
        if (claims.size() < next - high) {
            gaps.add(high, next, present(claims, next, leases), settled());
        }
        high = next;
    }

    /** A number that was passed longer than the trail ago: so were all before it taken. */
    private long settled() {
        long now = nanoClock.getAsLong();
        if (now - passedAt >= Gaps.TRAIL.toNanos()) {
            settled = passed;
            passed = Math.max(passed, high);
            passedAt = now;
        }
        return settled;
    }

    /** The numbers that are there: those of others are not among what was read. Far behind they may be very many, and do not count. */
    private Set<Long> present(List<Claim> claims, long upTo, Map<Integer, Long> leases) {
        Set<Long> present = new HashSet<>();
        claims.forEach(claim -> present.add(claim.row().seq()));
        if (store.hasOthers(leases.keySet())) {
            Span passed = new Span(Math.max(high, upTo - Gaps.RECENT) + 1, upTo);
            present.addAll(committed.query(handle -> store.others(handle, passed, leases.keySet())));
        }
        return present;
    }

    private ClaimBatch late(Map<Integer, Long> leases, Room room) {
        TransactionSpan transactions = committed.query(store::transactions);
        List<Span> spans = gaps.spans();
        Set<Long> shown =
                new HashSet<>(open.query(handle -> store.present(handle, spans, leases.keySet(), Integer.MAX_VALUE)));
        shown.removeIf(seq -> !gaps.has(seq));
        ClaimBatch late =
                shown.isEmpty() ? NOTHING : committed.query(handle -> store.those(handle, shown, leases, room));
        late.claims().forEach(claim -> {
            gaps.remove(claim.row().seq());
            shown.remove(claim.row().seq());
        });
        gaps.close(transactions, shown);
        return late;
    }

    private List<Claim> strays(Map<Integer, Long> leases, Room room) {
        long start = nanoClock.getAsLong();
        Set<Long> strays = new HashSet<>();
        if (high > 0) {
            Span behind = new Span(Long.MIN_VALUE, high);
            int most = inFlight.size() + MAX_STRAYS;
            strays.addAll(committed.query(handle -> store.present(handle, List.of(behind), leases.keySet(), most)));
            strays.removeIf(inFlight::hasHot);
        }
        long now = nanoClock.getAsLong();
        sweepAt = now + Math.max(SWEEP_EVERY.toNanos(), SWEEP_SHARE * (now - start));
        return strays.isEmpty()
                ? List.of()
                : committed
                        .query(handle -> store.those(handle, strays, leases, room))
                        .claims();
    }

    /** A place to go on from when the rows after a number are all of others. */
    private Optional<Long> beyondOthers(long last, Map<Integer, Long> leases) {
        long now = nanoClock.getAsLong();
        if (!store.hasOthers(leases.keySet()) || now - skipAt < 0) {
            return Optional.empty();
        }
        Optional<Long> beyond = committed.query(handle -> store.skip(handle, last, SKIP_STEP));
        skipAt = now + (beyond.isPresent() ? SKIP_EVERY : SKIP_SELDOM).toNanos();
        return beyond;
    }
}
