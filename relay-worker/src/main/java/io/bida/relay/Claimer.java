package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.OutboxStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.LongSupplier;

/**
 * The first loop. One turn:
 *
 * <ol>
 *   <li>Forget what was written.
 *   <li>Follow a change of leases: give up what was lost, load the held keys of what was taken over, begin anew. What
 *       this relay held before is taken up again only when nothing of it is in flight any more: until then the tables do
 *       not say yet which messages of a key have failed.
 *   <li>Read, as far as there is room: what is new, what is due, what a drained key holds.
 *   <li>Hand it on; when there was nothing, pause the longer, the longer nothing came.
 * </ol>
 */
final class Claimer {

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final Duration DUE_EVERY = Duration.ofMillis(500);
    private static final long REWIND_EVERY_NANOS = Duration.ofSeconds(60).toNanos();

    private final OutboxStore store;
    private final LeaseKeeper keeper;
    private final Session session;
    private final HotReader reader;
    private final InFlight inFlight;
    private final Shipper shipper;
    private final LongSupplier nanoClock;
    private final int batch;
    private final int room;
    private final boolean deadMayHold;

    private final Pause pause = new Pause();
    private final Queue<KeyLine> drains = new ConcurrentLinkedQueue<>();
    private final Queue<Long> retries = new PriorityBlockingQueue<>();
    private volatile boolean resync;
    private Map<Integer, Long> leases = Map.of();
    private long dueAt;
    private long rewindAt;
    private long lastFoundAt;

    /** @param room how many messages may be in flight */
    Claimer(
            OutboxStore store,
            LeaseKeeper keeper,
            Session session,
            HotReader reader,
            InFlight inFlight,
            Shipper shipper,
            LongSupplier nanoClock,
            int batch,
            int room,
            boolean deadMayHold) {
        this.store = store;
        this.keeper = keeper;
        this.session = session;
        this.reader = reader;
        this.inFlight = inFlight;
        this.shipper = shipper;
        this.nanoClock = nanoClock;
        this.batch = batch;
        this.room = room;
        this.deadMayHold = deadMayHold;
        this.dueAt = nanoClock.getAsLong();
        this.lastFoundAt = dueAt;
    }

    void wake() {
        pause.signal();
    }

    /** Asks for the messages held behind a key. */
    void drain(KeyLine line) {
        drains.add(line);
        pause.signal();
    }

    /** Announces that a parked message is due after a wait, when that is sooner than the due are looked for anyway. */
    void expect(Duration delay) {
        if (delay.compareTo(DUE_EVERY) < 0) {
            retries.add(nanoClock.getAsLong() + delay.toNanos());
            pause.signal();
        }
    }

    /** Asks to give up all shards and take them over anew: some claims were not shipped. */
    void resync() {
        resync = true;
        pause.signal();
    }

    void turn() throws InterruptedException {
        inFlight.forgetWritten();
        followLeases();
        int free = room - inFlight.size();
        if (leases.isEmpty() || free <= 0) {
            pause.await(LONGEST_PAUSE.dividedBy(10));
            return;
        }
        long now = nanoClock.getAsLong();
        int found = claimNew(Math.min(batch, free)) + claimDue(now, Math.min(batch, free)) + claimHeld();
        if (found > 0) {
            lastFoundAt = now;
        } else {
            pause.await(idle(now));
        }
    }

    /** An eighth of the silence so far, short under load and rare when idle; but not beyond the next retry. */
    private Duration idle(long now) {
        long nanos = Math.max(SHORTEST_PAUSE.toNanos(), Math.min(LONGEST_PAUSE.toNanos(), (now - lastFoundAt) / 8));
        Long retry = retries.peek();
        return Duration.ofNanos(retry == null ? nanos : Math.max(1, Math.min(nanos, retry - now)));
    }

    private void followLeases() {
        long now = nanoClock.getAsLong();
        Ownership ownership = keeper.ownership();
        if (resync) {
            resync = false;
            shipper.lost(leases.keySet());
            shipper.resume();
            leases = Map.of();
        }
        Map<Integer, Long> held = ownership.isCurrent(now) ? claimable(ownership.leases()) : Map.of();
        if (!held.equals(leases)) {
            change(held);
        } else if (!leases.isEmpty() && now - rewindAt >= 0) {
            shipper.held(heldKeys(leases.keySet()));
            rewind();
        }
    }

    /** Without those taken over of which something is still in flight from before. */
    private Map<Integer, Long> claimable(Map<Integer, Long> owned) {
        Map<Integer, Long> claimable = new HashMap<>(owned);
        claimable
                .entrySet()
                .removeIf(lease ->
                        !lease.getValue().equals(leases.get(lease.getKey())) && inFlight.ofShard(lease.getKey()) > 0);
        return claimable;
    }

    private void change(Map<Integer, Long> held) {
        Set<Integer> lost = new HashSet<>();
        leases.forEach((shard, epoch) -> {
            if (!epoch.equals(held.get(shard))) {
                lost.add(shard);
            }
        });
        Map<Integer, Long> gained = new HashMap<>(held);
        gained.entrySet().removeAll(leases.entrySet());
        shipper.lost(lost);
        leases = Map.of();
        if (!gained.isEmpty()) {
            shipper.held(heldKeys(held.keySet()));
            rewind();
        }
        leases = held;
    }

    private List<OutboxStore.HeldKey> heldKeys(Set<Integer> shards) {
        return session.query(handle -> store.heldKeys(handle, shards, deadMayHold));
    }

    private void rewind() {
        reader.rewind();
        rewindAt = nanoClock.getAsLong() + REWIND_EVERY_NANOS;
    }

    private int claimNew(int limit) {
        return hand(reader.read(leases, limit));
    }

    private int claimDue(long now, int limit) {
        boolean retryIsDue = false;
        for (Long retry = retries.peek(); retry != null && now - retry >= 0; retry = retries.peek()) {
            retries.poll();
            retryIsDue = true;
        }
        if (!retryIsDue && now - dueAt < 0) {
            return 0;
        }
        int claimed = hand(session.query(handle -> store.due(handle, leases, limit)));
        if (claimed == 0) {
            dueAt = now + DUE_EVERY.toNanos();
        }
        return claimed;
    }

    private int claimHeld() {
        int claimed = 0;
        // Only those asked for so far, and each until it was read: what comes meanwhile has its turn after the next
        // forgetting, and a failing database loses none.
        for (int left = drains.size(); left > 0; left--) {
            claimed += claimHeld(drains.element());
            drains.remove();
        }
        return claimed;
    }

    private int claimHeld(KeyLine line) {
        List<OutboxStore.HeldKey> before = session.query(handle -> store.before(handle, line.key, deadMayHold));
        List<Claim> read = session.query(handle -> store.held(handle, line.key, leases, batch));
        // All or none: those in flight still would be overtaken by the others.
        boolean free = read.stream().noneMatch(claim -> inFlight.has(claim.row()));
        List<Claim> held = free ? entered(read) : List.of();
        shipper.drained(line, before, held, read.isEmpty());
        return held.size();
    }

    private int hand(List<Claim> read) {
        List<Claim> claims = entered(read);
        if (!claims.isEmpty()) {
            shipper.ship(claims);
        }
        return claims.size();
    }

    private List<Claim> entered(List<Claim> read) {
        List<Claim> claims = new ArrayList<>(read.size());
        for (Claim claim : read) {
            if (inFlight.enter(claim.row())) {
                claims.add(claim);
            }
        }
        return claims;
    }
}
