package io.bida.relay;

import io.bida.message.Message;
import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import io.bida.outbox.OutboxStore.HeldKey;
import io.bida.outbox.Settlement;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The middle loop: owns what is in memory, touches no database. Everything reaches it as an event in one mailbox, so
 * its state needs no lock. A claim takes one of these ways:
 *
 * <ol>
 *   <li>unreadable, expired or without a route: dead; not due yet: scheduled;
 *   <li>its key is held: held too; its key has one under way: waits in line;
 *   <li>otherwise it is sent, if the lease is still good. The receipt is judged: delivered brings the next in line,
 *       retry holds the key and parks the line behind it, dead lets the key go on unless the route holds it.
 * </ol>
 */
final class Shipper {

    private static final Duration IDLE = Duration.ofMillis(100);
    private static final int MAX_EVENTS = 1_000;

    private final Routes routes;
    private final Map<String, Destination> destinations;
    private final Judge judge;
    private final Supplier<Ownership> ownership;
    private final LongSupplier nanoClock;
    private final Duration deadline;
    private final InFlight inFlight;
    private final BlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final CountDownLatch landed = new CountDownLatch(1);

    private Consumer<List<Settlement>> settle = settlements -> {};
    private Consumer<KeyLine> drain = line -> {};
    private Runnable resync = () -> {};

    private final Map<String, KeyLine> lines = new HashMap<>();
    private final IdentityHashMap<Settlement, KeyLine> writing = new IdentityHashMap<>();
    private final Set<Flight> flights = new LinkedHashSet<>();
    private final Map<Destination, List<Flight>> departing = new LinkedHashMap<>();
    /** Receipts that a sender gave at once, while it was sending: one event for all. */
    private final List<Runnable> landings = new ArrayList<>();

    private final List<Settlement> settled = new ArrayList<>();
    private volatile @Nullable Thread departingOn;
    private final List<Claim.Row> dropped = new ArrayList<>();
    private boolean suspended;
    private boolean stopping;

    /** A message under way; compared by identity. */
    private static final class Flight {

        final Claim.Sendable claim;
        final boolean holdOnDead;
        final long since;

        Flight(Claim.Sendable claim, boolean holdOnDead, long since) {
            this.claim = claim;
            this.holdOnDead = holdOnDead;
            this.since = since;
        }
    }

    /**
     * @param deadline after which a message under way counts as unanswered
     */
    Shipper(
            Routes routes,
            Map<String, Destination> destinations,
            Judge judge,
            Supplier<Ownership> ownership,
            LongSupplier nanoClock,
            Duration deadline,
            InFlight inFlight) {
        this.routes = routes;
        this.destinations = destinations;
        this.judge = judge;
        this.ownership = ownership;
        this.nanoClock = nanoClock;
        this.deadline = deadline;
        this.inFlight = inFlight;
    }

    /**
     * Connects the loops, before they run.
     *
     * @param settle takes settlements
     * @param drain asks for the messages parked behind a key
     * @param resync asks for everything anew, because claims were dropped
     */
    void connect(Consumer<List<Settlement>> settle, Consumer<KeyLine> drain, Runnable resync) {
        this.settle = settle;
        this.drain = drain;
        this.resync = resync;
    }

    // Events, from any thread.

    void ship(List<Claim> claims) {
        mailbox.add(() -> claims.forEach(this::take));
    }

    /**
     * The messages held behind a key, and what stands before them.
     *
     * @param last whether the table holds none
     */
    void drained(KeyLine line, List<HeldKey> before, List<Claim> claims, boolean last) {
        mailbox.add(() -> takeDrained(line, before, claims, last));
    }

    void lost(Set<Integer> shards) {
        Set<Integer> gone = Set.copyOf(shards);
        mailbox.add(() -> forget(gone));
    }

    /** All that was claimed before is given up by now: what comes from here on is in order again. */
    void resume() {
        mailbox.add(() -> suspended = false);
    }

    /** All keys that have something parked in their way, of all shards owned. */
    void held(List<HeldKey> keys) {
        mailbox.add(() -> hold(keys));
    }

    void written(List<Settlement> settlements) {
        List<Settlement> keyed = settlements.stream().filter(Shipper::isTracked).toList();
        if (!keyed.isEmpty()) {
            mailbox.add(() -> keyed.forEach(this::endWrite));
        }
    }

    /** Sends nothing more, and waits for the receipts of what is under way; false when they did not come in time. */
    boolean stop(Duration atMost) throws InterruptedException {
        mailbox.add(() -> stopping = true);
        return landed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    void turn() throws InterruptedException {
        Runnable event = mailbox.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        for (int left = MAX_EVENTS; event != null; event = left-- > 0 ? mailbox.poll() : null) {
            event.run();
        }
        giveUpOverdue();
        depart();
        report();
    }

    // One claim's way.

    private void take(Claim claim) {
        if (stopping || suspended || !isLeased(claim.row())) {
            drop(claim);
            return;
        }
        String fault = fault(claim);
        if (fault != null) {
            endUnsent(new Settlement.Dead(claim, fault, null));
        } else if (claim.row().timing() == Timing.EARLY) {
            endUnsent(new Settlement.Scheduled(claim));
        } else {
            line((Claim.Sendable) claim);
        }
    }

    /** Why a message can never be sent; null when it can. */
    private static @Nullable String fault(Claim claim) {
        if (claim instanceof Claim.Unreadable unreadable) {
            return unreadable.reason();
        }
        return claim.row().timing() == Timing.EXPIRED ? "Expired before it could be delivered." : null;
    }

    private void line(Claim.Sendable claim) {
        String key = claim.row().orderingKey();
        if (key == null) {
            send(claim);
            return;
        }
        KeyLine line = lineOf(key, claim.row());
        Place place = claim.row().place();
        if (place == Place.RETRY) {
            line.hold();
        }
        if (line.isHeld() && (place == Place.HOT || place == Place.SCHEDULED)) {
            settle(new Settlement.Held(claim));
        } else if (line.isBusy()) {
            line.await(claim);
        } else {
            advance(line, claim);
        }
    }

    private KeyLine lineOf(String key, Claim.Row row) {
        return lines.computeIfAbsent(key, k -> new KeyLine(k, row.shard()));
    }

    /** Ends the way of a message that cannot be sent; if its key was held by it, the key goes on. */
    private void endUnsent(Settlement settlement) {
        Claim.Row row = settlement.claim().row();
        String key = row.orderingKey();
        if (key != null && settlement instanceof Settlement.Dead && holdsOnDead(row.topic())) {
            lineOf(key, row).hold();
        }
        settle(settlement);
        KeyLine line = key == null ? null : lines.get(key);
        if (line != null && line.isHeld() && !line.isBusy()) {
            drain(line);
        }
    }

    private void settle(Settlement settlement) {
        settled.add(settlement);
        KeyLine line =
                isTracked(settlement) ? lines.get(settlement.claim().row().orderingKey()) : null;
        if (line != null) {
            line.beginWrite(isHead(settlement));
            writing.put(settlement, line);
        }
    }

    /** Whether the parked table, which decides about the key's next message, has to be written first. */
    private static boolean isTracked(Settlement settlement) {
        Claim.Row row = settlement.claim().row();
        return row.orderingKey() != null && !(row.place().isHot() && settlement instanceof Settlement.Delivered);
    }

    private static boolean isHead(Settlement settlement) {
        return !(settlement instanceof Settlement.Held);
    }

    private void endWrite(Settlement settlement) {
        KeyLine line = writing.remove(settlement);
        if (line == null) {
            return;
        }
        if (line.endWrite(isHead(settlement))) {
            drain(line);
        }
        removeIfIdle(line);
    }

    /** Sends the next message of a line, or lets the line end. */
    private void advance(KeyLine line, Claim.@Nullable Sendable claim) {
        for (Claim.Sendable next = claim; next != null; next = line.end()) {
            if (stopping || suspended || !isLeased(next.row())) {
                drop(next);
                line.giveUp().forEach(this::drop);
                return;
            }
            if (send(next)) {
                line.begin();
                return;
            }
        }
        if (line.isHeld()) {
            drain(line);
        } else {
            removeIfIdle(line);
        }
    }

    /** Answers whether the message is under way; otherwise its way has ended. */
    private boolean send(Claim.Sendable claim) {
        Optional<Route> route = routes.of(claim.row().topic());
        if (route.isEmpty()) {
            String reason = "No route takes the topic '" + claim.row().topic()
                    + "'; add one to the configuration and retry the message.";
            settle(new Settlement.Dead(claim, reason, null));
            return false;
        }
        Destination destination = destinations.get(route.get().to());
        if (destination == null) {
            throw new IllegalStateException("Route to unknown destination " + route.get());
        }
        Flight flight = new Flight(claim, route.get().holdOnDead(), nanoClock.getAsLong());
        flights.add(flight);
        departing.computeIfAbsent(destination, d -> new ArrayList<>()).add(flight);
        return true;
    }

    private void depart() {
        departingOn = Thread.currentThread();
        departing.forEach(this::depart);
        departingOn = null;
        departing.clear();
        if (!landings.isEmpty()) {
            List<Runnable> all = List.copyOf(landings);
            landings.clear();
            mailbox.add(() -> all.forEach(Runnable::run));
        }
    }

    /** Whatever the sender does, each flight lands once; a receipt beyond the first changes nothing. */
    private void depart(Destination destination, List<Flight> leaving) {
        int answered = 0;
        String fault = " gave no answer.";
        try {
            List<Message> messages = new ArrayList<>(leaving.size());
            leaving.forEach(flight -> messages.add(flight.claim.message()));
            for (CompletionStage<Receipt> stage : destination.sender().send(messages)) {
                if (answered == leaving.size()) {
                    return;
                }
                Flight flight = leaving.get(answered);
                stage.whenComplete((receipt, failure) -> landed(flight, receipt, failure));
                answered++;
            }
        } catch (RuntimeException | Error e) {
            fault = " broke: " + e;
        }
        for (Flight flight : leaving.subList(answered, leaving.size())) {
            landed(flight, new Receipt.Unknown(destination.name() + fault), null);
        }
    }

    /** From any thread. Whatever is not an answer is unknown, never success. */
    private void landed(Flight flight, @Nullable Receipt receipt, @Nullable Throwable failure) {
        Receipt known = receipt != null && failure == null ? receipt : new Receipt.Unknown("No answer: " + failure);
        Runnable landing = () -> receive(flight, known);
        if (Thread.currentThread().equals(departingOn)) {
            landings.add(landing);
        } else {
            mailbox.add(landing);
        }
    }

    private void receive(Flight flight, Receipt receipt) {
        if (!flights.remove(flight)) {
            return; // It was given up before.
        }
        Duration took = Duration.ofNanos(nanoClock.getAsLong() - flight.since);
        Settlement settlement = judge.judge(flight.claim, receipt, took);
        settle(settlement);
        String key = flight.claim.row().orderingKey();
        KeyLine line = key == null ? null : lines.get(key);
        if (line == null) {
            return;
        }
        if (holds(settlement, flight)) {
            holdBack(line);
        } else {
            advance(line, line.end());
        }
    }

    private static boolean holds(Settlement settlement, Flight flight) {
        return settlement instanceof Settlement.Retry || (settlement instanceof Settlement.Dead && flight.holdOnDead);
    }

    /** The whole line goes to the parked table behind the failed message; what is there already stays there. */
    private void holdBack(KeyLine line) {
        line.hold();
        List<Claim.Sendable> all = new ArrayList<>();
        Claim.Sendable next = line.end();
        if (next != null) {
            all.add(next);
        }
        all.addAll(line.giveUp());
        for (Claim.Sendable claim : all) {
            if (claim.row().place() == Place.HOT || claim.row().place() == Place.SCHEDULED) {
                settle(new Settlement.Held(claim));
            } else {
                drop(claim);
            }
        }
    }

    private void drain(KeyLine line) {
        if (line.beginDrain()) {
            drain.accept(line);
        }
    }

    private void takeDrained(KeyLine line, List<HeldKey> before, List<Claim> claims, boolean last) {
        if (lines.get(line.key) != line) {
            claims.forEach(this::drop); // Asked for under a lease that was lost since.
            return;
        }
        line.endDrain();
        boolean blocked = before.stream().anyMatch(this::blocks);
        takeUnlessBlocked(claims, blocked);
        if (blocked && line.sawHead()) {
            return; // What blocks the key drains it again when it goes.
        }
        if (last && !blocked && line.sawAll()) {
            line.release();
            removeIfIdle(line);
        } else if (claims.isEmpty() && line.isWriting()) {
            line.awaitWrite();
        } else if (!line.isBusy()) {
            drain(line);
        }
    }

    /** A message that dies and holds its key blocks those that were read with it. */
    private void takeUnlessBlocked(List<Claim> claims, boolean blockedBefore) {
        boolean blocked = blockedBefore;
        for (Claim claim : claims) {
            if (blocked) {
                drop(claim);
            } else {
                take(claim);
                blocked = fault(claim) != null && holdsOnDead(claim.row().topic());
            }
        }
    }

    private boolean blocks(HeldKey parked) {
        return switch (parked.state()) {
            case RETRY -> true;
            case DEAD -> holdsOnDead(parked.topic());
            case HELD -> false;
        };
    }

    private boolean holdsOnDead(String topic) {
        return routes.of(topic).map(Route::holdOnDead).orElse(false);
    }

    // Leases.

    private boolean isLeased(Claim.Row row) {
        Ownership now = ownership.get();
        if (now.isCurrent(nanoClock.getAsLong())) {
            return now.covers(row.shard(), row.epoch());
        }
        // What is dropped now must not be overtaken by what is claimed next.
        suspended = true;
        resync.run();
        return false;
    }

    private void forget(Set<Integer> shards) {
        lines.values().removeIf(line -> {
            boolean gone = shards.contains(line.shard);
            if (gone) {
                line.giveUp().forEach(this::drop);
            }
            return gone;
        });
    }

    private void hold(List<HeldKey> keys) {
        Set<String> blocked = new HashSet<>();
        for (HeldKey each : keys) {
            if (blocks(each)) {
                blocked.add(each.key());
            }
            if (blocks(each) || each.state() == HeldKey.State.HELD) {
                lines.computeIfAbsent(each.key(), key -> new KeyLine(key, each.shard()))
                        .hold();
            }
        }
        // The rest has nothing left in its way, or was changed by an operator: it can go on.
        lines.values().stream()
                .filter(line -> line.isHeld() && !line.isBusy() && !blocked.contains(line.key))
                .toList()
                .forEach(this::drain);
    }

    // Ends.

    private void drop(Claim claim) {
        dropped.add(claim.row());
    }

    private void removeIfIdle(KeyLine line) {
        if (line.isIdle()) {
            lines.remove(line.key, line);
        }
    }

    private void giveUpOverdue() {
        long now = nanoClock.getAsLong();
        while (!flights.isEmpty()) {
            Flight oldest = flights.iterator().next();
            if (now - oldest.since < deadline.toNanos()) {
                return;
            }
            receive(oldest, new Receipt.Unknown("No answer within " + deadline.toMillis() + " ms."));
        }
    }

    private void report() {
        if (!dropped.isEmpty()) {
            inFlight.leave(dropped);
            dropped.clear();
        }
        if (!settled.isEmpty()) {
            settle.accept(List.copyOf(settled));
            settled.clear();
        }
        if (stopping && flights.isEmpty()) {
            landed.countDown();
        }
    }
}
