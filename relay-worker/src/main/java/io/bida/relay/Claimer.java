package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.DuePlace;
import io.bida.outbox.Hastened;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.OutboxStore.HeldKey;
import io.bida.outbox.Room;
import io.bida.relay.Shipper.Appetite;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

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
    private static final int HURRIES = 4;
    private static final int PLACES = 3;
    private static final int MOST_DRAINS = 200;
    /** Among which the best one is chosen. */
    private static final int PROBES = 10;

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final Duration DRAIN_FIRST = Duration.ofMillis(100);
    private static final Duration DUE_EVERY = Duration.ofMillis(750);

    private final OutboxStore store;
    private final LeaseKeeper keeper;
    private final Session session;
    private final Session writes;
    private final HotReader reader;
    private final InFlight inFlight;
    private final Shipper shipper;
    private final LongSupplier nanoClock;
    private final Caution caution;
    private final Capacity capacity;
    private final boolean deadMayHold;
    private final RelayListener listener;

    private final Pause pause = new Pause();
    private final Queue<KeyLine> drains = new ConcurrentLinkedQueue<>();
    private final Queue<List<KeyLine>> checks = new ConcurrentLinkedQueue<>();
    private final Queue<Dock> hastes = new ConcurrentLinkedQueue<>();
    private final Map<Dock, DuePlace> places = new HashMap<>();
    private final Queue<Long> retries = new PriorityBlockingQueue<>();
    private final DueReader due;
    private volatile boolean resync;
    private volatile boolean full;
    private Map<Integer, Long> leases = Map.of();
    /** Leases that were not given back, and were begun with caution: once is enough. */
    private final Map<Integer, Long> careful = new HashMap<>();

    private long dueAt;
    private long newAt;
    private volatile long lastFoundAt;
    private volatile boolean woken;
    private int hurry;
    /** Where {@link #claimFew} begins. */
    private int place;

    /**
     * How much the relay holds at a time.
     *
     * @param batch messages per statement
     * @param messages in flight
     * @param bytes of payload in flight
     */
    record Capacity(int batch, int messages, long bytes) {}

    /**
     * @param session for what locks nothing
     * @param writes bounded in the time for which it waits for a lock
     */
    Claimer(
            OutboxStore store,
            LeaseKeeper keeper,
            Session session,
            Session writes,
            HotReader reader,
            InFlight inFlight,
            Shipper shipper,
            LongSupplier nanoClock,
            Caution caution,
            Capacity capacity,
            boolean deadMayHold,
            RelayListener listener) {
        this.store = store;
        this.keeper = keeper;
        this.session = session;
        this.writes = writes;
        this.reader = reader;
        this.inFlight = inFlight;
        this.shipper = shipper;
        this.nanoClock = nanoClock;
        this.caution = caution;
        this.capacity = capacity;
        this.due = new DueReader(store, session, inFlight, capacity.batch());
        this.deadMayHold = deadMayHold;
        this.listener = listener;
        this.dueAt = nanoClock.getAsLong();
        this.lastFoundAt = dueAt;
    }

    /** Looks at once, and again a few times soon: what woke it may not be committed yet. Never blocks. */
    void wake() {
        woken = true;
        pause.signal();
    }

    /** Whether it has found nothing for that long. */
    boolean hasSlept(Duration atLeast) {
        return nanoClock.getAsLong() - lastFoundAt >= atLeast.toNanos();
    }

    /** The highest number of the hot table that was read; from any thread. */
    long high() {
        return reader.high();
    }

    /** Something in flight was written. */
    void roomMade() {
        if (full) {
            pause.signal();
        }
    }

    /** Asks for the messages held behind a key. */
    void drain(KeyLine line) {
        drains.add(line);
        pause.signal();
    }

    /** Asks which of some held keys have nothing left in their way: an operator may have taken it away. */
    void check(List<KeyLine> lines) {
        checks.add(lines);
    }

    /** Asks for what a dock had given up: it has room again. */
    void hasten(Dock dock) {
        hastes.add(dock);
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
        caution.rest();
        followLeases();
        Appetite appetite = shipper.appetite();
        full = !hasRoom();
        if (full || leases.isEmpty() || appetite == Appetite.NONE) {
            pause.await(LONGEST_PAUSE.dividedBy(10));
            return;
        }
        if (caution.isOn() && !caution.isReady()) {
            pause.await(SHORTEST_PAUSE);
            return;
        }
        long now = nanoClock.getAsLong();
        checkHeld();
        hastenDeferred();
        int found = claim(appetite, now);
        if (found > 0) {
            lastFoundAt = now;
            hurry = 0;
            listener.claimed(found, Duration.ofNanos(nanoClock.getAsLong() - now));
        } else {
            pause.await(idle(now));
        }
    }

    private int claim(Appetite appetite, long now) {
        if (caution.isOn()) {
            int found = claimFew(caution.most());
            caution.next(found);
            return found;
        }
        return appetite == Appetite.PROBE ? claimFew(PROBES) : claimNew(now) + claimDue(now) + claimHeld();
    }

    private boolean hasRoom() {
        return inFlight.size() < capacity.messages() && inFlight.bytes() < capacity.bytes();
    }

    private Room room(int most) {
        return new Room(
                Math.max(1, Math.min(most, capacity.messages() - inFlight.size())),
                Math.max(1, capacity.bytes() - inFlight.bytes()),
                capacity.bytes());
    }

    /** An eighth of the silence so far, short under load and rare when idle; but not beyond the next retry. */
    private Duration idle(long now) {
        if (woken) {
            woken = false;
            hurry = HURRIES;
        }
        if (hurry > 0) {
            return SHORTEST_PAUSE.dividedBy(1L << hurry--);
        }
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
            change(held, ownership.abandoned());
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

    private void change(Map<Integer, Long> held, Set<Integer> notGivenBack) {
        Set<Integer> lost = new HashSet<>();
        leases.forEach((shard, epoch) -> {
            if (!epoch.equals(held.get(shard))) {
                lost.add(shard);
            }
        });
        Map<Integer, Long> gained = new HashMap<>(held);
        gained.entrySet().removeAll(leases.entrySet());
        caution.lived(lost);
        shipper.lost(lost);
        leases = Map.of();
        if (!gained.isEmpty()) {
            shipper.held(heldKeys(gained.keySet()));
            reader.rewind();
            due.rewind();
            Map<Integer, Long> abandoned = new HashMap<>(gained);
            abandoned.keySet().retainAll(notGivenBack);
            abandoned.entrySet().removeAll(careful.entrySet());
            if (!abandoned.isEmpty()) {
                caution.begin(abandoned.keySet());
                careful.putAll(abandoned);
            }
        }
        leases = held;
    }

    private List<HeldKey> heldKeys(Set<Integer> shards) {
        return session.query(handle -> store.heldKeys(handle, shards, deadMayHold));
    }

    /** From one place, each time beginning with the next one: all that is in one of them may be held up. */
    private int claimFew(int most) {
        int found = 0;
        for (int tried = 0; found == 0 && tried < PLACES; tried++) {
            place = (place + 1) % PLACES;
            found = switch (place) {
                case 0 -> hand(due.read(leases, room(most)));
                case 1 -> hand(reader.read(leases, room(most)));
                default -> drains.isEmpty() ? 0 : claimHeld(1, most);
            };
        }
        return found;
    }

    /** While nearly all that is new goes to the parked table behind keys that are being drained, the draining goes first. */
    private int claimNew(long now) {
        if (!drains.isEmpty() && shipper.isParking() && now - newAt < DRAIN_FIRST.toNanos()) {
            return 0;
        }
        newAt = now;
        return hand(reader.read(leases, room(capacity.batch())));
    }

    private int claimDue(long now) {
        boolean retryIsDue = false;
        for (Long retry = retries.peek(); retry != null && now - retry >= 0; retry = retries.peek()) {
            retries.poll();
            retryIsDue = true;
        }
        if ((!retryIsDue && now - dueAt < 0) || !hasRoom()) {
            return 0;
        }
        int claimed = hand(due.read(leases, room(capacity.batch())));
        if (claimed == 0) {
            dueAt = now + DUE_EVERY.toNanos();
        }
        return claimed;
    }

    private int claimHeld() {
        // Only those asked for so far: what comes meanwhile has its turn after the next forgetting.
        return drains.isEmpty() ? 0 : claimHeld(Math.min(drains.size(), MOST_DRAINS), capacity.batch());
    }

    /** A key is asked for until it was read: a failing database loses none. */
    private int claimHeld(int keys, int most) {
        Set<String> asked = drains.stream().limit(keys).map(line -> line.key).collect(Collectors.toSet());
        Map<String, List<HeldKey>> before = session.query(handle -> store.before(handle, asked, deadMayHold)).stream()
                .collect(Collectors.groupingBy(HeldKey::key));
        int claimed = 0;
        for (int left = keys; left > 0 && hasRoom(); left--) {
            KeyLine line = drains.element();
            claimed += claimHeld(line, before.getOrDefault(line.key, List.of()), most);
            drains.remove();
        }
        return claimed;
    }

    private int claimHeld(KeyLine line, List<HeldKey> before, int most) {
        List<Claim> read = session.query(handle -> store.held(handle, line.key, leases, room(most)))
                .claims();
        // All or none: those in flight still would be overtaken by the others.
        boolean free = read.stream().noneMatch(claim -> inFlight.has(claim.row()));
        List<Claim> held = free ? entered(read) : List.of();
        shipper.drained(line, before, held, read.isEmpty());
        return held.size();
    }

    private void checkHeld() {
        for (List<KeyLine> lines = checks.poll(); lines != null; lines = checks.poll()) {
            Set<String> keys = lines.stream().map(line -> line.key).collect(Collectors.toSet());
            shipper.checked(lines, session.query(handle -> store.before(handle, keys, deadMayHold)));
        }
    }

    private void hastenDeferred() {
        for (Dock dock = hastes.peek(); dock != null; dock = hastes.peek()) {
            Dock asking = dock;
            Hastened hastened = writes.transact(handle ->
                    store.hasten(handle, asking.waitsFor(), leases.keySet(), places.get(asking), capacity.batch()));
            if (hastened.last() == null) {
                places.remove(dock);
            } else {
                places.put(dock, hastened.last());
            }
            if (hastened.messages() > 0) {
                dueAt = nanoClock.getAsLong();
            }
            hastes.remove();
            shipper.hastened(dock, hastened.last() != null);
        }
    }

    private int hand(List<Claim> read) {
        List<Claim> claims = entered(read);
        if (!claims.isEmpty()) {
            shipper.ship(claims);
        }
        return claims.size();
    }

    private List<Claim> entered(List<Claim> read) {
        List<Claim> claims =
                read.stream().filter(claim -> !inFlight.has(claim.row())).toList();
        List<Claim> noted = caution.isOn() && !claims.isEmpty() ? noted(claims) : claims;
        return noted.stream().filter(inFlight::enter).toList();
    }

    private List<Claim> noted(List<Claim> claims) {
        boolean done = false;
        try {
            List<Claim> noted = caution.note(claims);
            done = true;
            return noted;
        } finally {
            if (!done) {
                resync(); // They were read, and would not be read again.
            }
        }
    }
}
