package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Shards;
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
 *   <li>Read on from the highest number read so far.
 *   <li>Unless no number was missing, look again between the {@link Watermark} and that number for rows that were
 *       committed late. This comes second: whoever saw its predecessor committed before inserting is either behind it
 *       in the first read, or was not read yet.
 *   <li>Hand on both in the order of their numbers, without those in flight.
 * </ol>
 */
final class HotReader {

    private static final int SKIP_STEP = 1_000;
    private static final long SKIP_EVERY_NANOS = 1_000_000_000;

    private final OutboxStore store;
    private final Session committed;
    private final Session open;
    private final InFlight inFlight;
    private final LongSupplier nanoClock;
    private final Watermark watermark;
    private long high;
    private long skippedAt;

    /** @param open at READ UNCOMMITTED, so that open inserts show where the database shows them */
    HotReader(OutboxStore store, Session committed, Session open, InFlight inFlight, LongSupplier nanoClock) {
        this.store = store;
        this.committed = committed;
        this.open = open;
        this.inFlight = inFlight;
        this.nanoClock = nanoClock;
        this.watermark = new Watermark(nanoClock);
        this.skippedAt = nanoClock.getAsLong();
    }

    /** Begins again from the start of the table: after shards were taken over, and now and then for safety. */
    void rewind() {
        high = 0;
        watermark.reset();
    }

    /** What can be claimed next, at most about {@code limit} messages; they are not yet entered as in flight. */
    List<Claim> read(Map<Integer, Long> leases, int limit) {
        long from = high;
        Optional<Long> skipTo = beyondOthers(leases);
        List<Claim> fresh = committed.query(handle -> store.after(handle, from, leases, limit));
        if (!fresh.isEmpty()) {
            high = fresh.get(fresh.size() - 1).row().seq();
        }
        if (fresh.size() < limit) {
            high = Math.max(high, skipTo.orElse(high));
        }
        List<Claim> claims = new ArrayList<>(fresh);
        if (watermark.low() == from && isGapless(fresh, from, leases)) {
            watermark.pass(high);
        } else if (watermark.low() < high) {
            claims.addAll(late(leases, fresh));
        }
        claims.removeIf(claim -> inFlight.hasHot(claim.row().seq()));
        claims.sort(Comparator.comparingLong(claim -> claim.row().seq()));
        return claims;
    }

    /** Where no number is missing, no row can be late. */
    private boolean isGapless(List<Claim> fresh, long from, Map<Integer, Long> leases) {
        return leases.size() == Shards.COUNT && fresh.size() == high - from;
    }

    private List<Claim> late(Map<Integer, Long> leases, List<Claim> fresh) {
        var span = committed.query(store::transactions);
        Set<Long> unknown =
                new HashSet<>(open.query(handle -> store.present(handle, watermark.low(), high, leases.keySet())));
        unknown.removeIf(inFlight::hasHot);
        fresh.forEach(claim -> unknown.remove(claim.row().seq()));
        List<Claim> late =
                unknown.isEmpty() ? List.of() : committed.query(handle -> store.those(handle, unknown, leases));
        late.forEach(claim -> unknown.remove(claim.row().seq()));
        long firstOpen = unknown.stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
        boolean settled = !fresh.isEmpty() && fresh.get(fresh.size() - 1).row().settled();
        watermark.advance(high, settled, firstOpen, span);
        return late;
    }

    /** A place to go on from when the rows after the highest number read are all of other relays' shards. */
    private Optional<Long> beyondOthers(Map<Integer, Long> leases) {
        long now = nanoClock.getAsLong();
        if (leases.size() == Shards.COUNT || now - skippedAt < SKIP_EVERY_NANOS) {
            return Optional.empty();
        }
        skippedAt = now;
        return committed.query(handle -> store.skip(handle, high, SKIP_STEP));
    }
}
