package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import io.bida.outbox.OutboxStore.HeldKey;
import io.bida.outbox.Settlement;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The middle loop: owns what is in memory, touches no database. Everything reaches it as an event in one mailbox, so
 * its state needs no lock. A claim takes one of these ways:
 *
 * <ol>
 *   <li>unreadable, expired or without a route: dead; not due yet: scheduled;
 *   <li>its key is held: held too; its key has one under way: waits in line;
 *   <li>otherwise it waits at the {@link Dock} of its destination, if the lease is still good, and leaves from there;
 *       where that is down or in the way of others, it is deferred.
 * </ol>
 *
 * The receipt is judged: delivered brings the next in line; retry and deferred hold the key and park the line behind it;
 * dead lets the key go on unless the route holds it.
 */
final class Shipper {

    private static final Duration IDLE = Duration.ofMillis(100);
    private static final int MAX_EVENTS = 1_000;
    private static final long CHECK_EVERY_NANOS = 1_000_000_000;
    private static final int CHECKED = 100;

    private final Routes routes;
    private final Map<String, Dock> docks;
    private final Judge judge;
    private final Supplier<Ownership> ownership;
    private final LongSupplier nanoClock;
    private final InFlight inFlight;
    private final DatabaseClock databaseClock;
    private final RelayListener listener;
    private final Landings landings;
    private final Keys keys = new Keys();
    private final BlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private final CountDownLatch landed = new CountDownLatch(1);

    private Consumer<List<Settlement>> settle = settlements -> {};
    private Consumer<List<KeyLine>> check = lines -> {};
    private Consumer<Dock> hasten = dock -> {};
    private Runnable resync = () -> {};

    private final List<Settlement> settled = new ArrayList<>();
    private final List<Claim> dropped = new ArrayList<>();
    private long checkedAt;
    private boolean suspended;
    private boolean stopping;
    private volatile boolean parking;
    private volatile boolean paused;
    private volatile Appetite appetite = Appetite.FULL;

    /** How much more can be shipped. */
    enum Appetite {
        FULL,
        /** Every destination is down; one of them wants a message to see whether it still is. */
        PROBE,
        NONE
    }

    /** @param docks makes the docks, which land their receipts here */
    Shipper(
            Routes routes,
            Function<Landings, Collection<Dock>> docks,
            Judge judge,
            Supplier<Ownership> ownership,
            LongSupplier nanoClock,
            InFlight inFlight,
            DatabaseClock databaseClock,
            RelayListener listener) {
        this.routes = routes;
        this.judge = judge;
        this.ownership = ownership;
        this.nanoClock = nanoClock;
        this.inFlight = inFlight;
        this.databaseClock = databaseClock;
        this.listener = listener;
        this.checkedAt = nanoClock.getAsLong();
        this.landings = new Landings(mailbox::add, this::receive);
        this.docks = docks.apply(landings).stream().collect(Collectors.toMap(Dock::name, Function.identity()));
    }

    /**
     * Connects the loops, before they run.
     *
     * @param settle takes settlements
     * @param drain asks for the messages parked behind a key
     * @param check asks what stands before some held keys
     * @param hasten asks for what a dock had given up
     * @param resync asks for everything anew, because claims were dropped
     */
    void connect(
            Consumer<List<Settlement>> settle,
            Consumer<KeyLine> drain,
            Consumer<List<KeyLine>> check,
            Consumer<Dock> hasten,
            Runnable resync) {
        this.settle = settle;
        this.keys.connect(drain);
        this.check = check;
        this.hasten = hasten;
        this.resync = resync;
    }

    // Events, from any thread.

    void ship(List<Claim> claims) {
        mailbox.add(() -> {
            int before = settled.size();
            claims.forEach(this::take);
            long held = settled.stream()
                    .skip(before)
                    .filter(Settlement.Held.class::isInstance)
                    .count();
            parking = held * 10 >= claims.size() * 9L;
        });
    }

    /** Whether nearly all that was claimed last is held behind parked messages. */
    boolean isParking() {
        return parking;
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
    void held(List<HeldKey> parked) {
        mailbox.add(() -> hold(parked));
    }

    /** Some of what a dock had given up is due again. */
    void hastened(Dock dock, boolean more) {
        mailbox.add(() -> dock.answered(more));
    }

    /** What stands before some held keys. */
    void checked(List<KeyLine> lines, List<HeldKey> before) {
        mailbox.add(() -> free(lines, before));
    }

    void written(List<Settlement> settlements) {
        List<Settlement> keyed = settlements.stream().filter(Keys::isTracked).toList();
        if (!keyed.isEmpty()) {
            mailbox.add(() -> keyed.forEach(keys::written));
        }
    }

    /** How each destination stands. */
    CompletableFuture<List<Dock.Berth>> look() {
        CompletableFuture<List<Dock.Berth>> answer = new CompletableFuture<>();
        mailbox.add(
                () -> answer.complete(docks.values().stream().map(Dock::look).toList()));
        return answer;
    }

    /** While it is so, nothing is sent, and what waits is given up; after it, a resync brings that back, in order. */
    void pause(boolean yes) {
        paused = yes;
        if (yes) {
            mailbox.add(() -> suspended = true);
        }
    }

    Appetite appetite() {
        return appetite;
    }

    /** Sends nothing more, and waits for the receipts of what is under way; false when they did not come in time. */
    boolean stop(Duration atMost) throws InterruptedException {
        mailbox.add(() -> stopping = true);
        return landed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    void turn() throws InterruptedException {
        Runnable event = mailbox.poll(idle().toNanos(), TimeUnit.NANOSECONDS);
        for (int left = MAX_EVENTS; event != null; event = left-- > 0 ? mailbox.poll() : null) {
            event.run();
        }
        docks.values().forEach(this::visit);
        docks.values().forEach(Dock::turned);
        appetite = currentAppetite();
        checkResting();
        report();
    }

    private Duration idle() {
        Duration idle = IDLE;
        for (Dock dock : docks.values()) {
            Duration next = dock.untilNext();
            idle = next.compareTo(idle) < 0 ? next : idle;
        }
        return idle;
    }

    private void visit(Dock dock) {
        dock.overdue().forEach(flight -> receive(flight, dock.unanswered()));
        if (stopping || suspended || paused) {
            dock.leaveWaiting(flight -> true).forEach(this::abandon);
            return;
        }
        dock.giveUp().forEach(given -> defer(given.flight(), given.shut()));
        List<Flight> leaving = new ArrayList<>();
        for (Flight next : dock.next()) {
            if (isLeased(next.claim.row())) {
                leaving.add(next);
            } else {
                abandon(next);
            }
        }
        if (!leaving.isEmpty()) {
            landings.during(() -> dock.depart(leaving));
        }
        if (dock.asks()) {
            hasten.accept(dock);
        }
    }

    private Appetite currentAppetite() {
        if (paused) {
            return Appetite.NONE;
        }
        if (docks.values().stream().anyMatch(dock -> !dock.isDown())) {
            return Appetite.FULL;
        }
        return docks.values().stream().anyMatch(Dock::wantsProbe) ? Appetite.PROBE : Appetite.NONE;
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
            board(claim);
            return;
        }
        KeyLine line = keys.line(key, claim.row().shard());
        if (claim.row().place() == Place.RETRY) {
            line.hold();
        }
        if (line.isHeld() && isNew(claim)) {
            settle(new Settlement.Held(claim));
        } else if (line.isBusy()) {
            line.await(claim);
        } else {
            advance(line, claim);
        }
    }

    /** Whether it was in nobody's way so far. */
    private static boolean isNew(Claim claim) {
        return claim.row().place() == Place.HOT || claim.row().place() == Place.SCHEDULED;
    }

    /** Ends the way of a message that cannot be sent; if its key was held by it, the key goes on. */
    private void endUnsent(Settlement settlement) {
        Claim.Row row = settlement.claim().row();
        if (row.orderingKey() != null && holdsKey(settlement)) {
            keys.line(row.orderingKey(), row.shard()).hold();
        }
        settle(settlement);
        KeyLine line = keys.find(settlement.claim());
        if (line != null && line.isHeld() && !line.isBusy()) {
            keys.drain(line);
        }
    }

    private void settle(Settlement settlement) {
        settled.add(settlement);
        keys.settling(settlement);
    }

    /** Sends the next message of a line, or lets the line end. */
    private void advance(KeyLine line, Claim.@Nullable Sendable claim) {
        for (Claim.Sendable next = claim; next != null; next = line.end()) {
            if (stopping || suspended || !isLeased(next.row())) {
                drop(next);
                line.giveUp().forEach(this::drop);
                return;
            }
            if (board(next)) {
                line.begin();
                return;
            }
        }
        if (line.isHeld()) {
            keys.drain(line);
        } else {
            keys.removeIfIdle(line);
        }
    }

    /** Answers whether the message is on its way; otherwise its way has ended. */
    private boolean board(Claim.Sendable claim) {
        Optional<Route> route = routes.of(claim.row().topic());
        if (route.isEmpty()) {
            String reason = "No route takes the topic '" + claim.row().topic()
                    + "'; add one to the configuration and retry the message.";
            settle(new Settlement.Dead(claim, reason, null));
            return false;
        }
        Dock dock = docks.get(route.get().to());
        if (dock == null) {
            throw new IllegalStateException("Route to unknown destination " + route.get());
        }
        dock.board(new Flight(claim, route.get(), dock, nanoClock.getAsLong()));
        return true;
    }

    private void receive(Flight flight, Receipt receipt) {
        if (flight.dock.land(flight, receipt)) {
            Duration took = Duration.ofNanos(nanoClock.getAsLong() - flight.since);
            listener.attempted(new RelayListener.Attempt(flight.dock.name(), receipt, took, age(flight.claim)));
            end(flight, judge.judge(flight.claim, flight.route, receipt, took, flight.dock.shut()));
        }
    }

    /** Unknown of a message that had a time of its own: only its insert is known. */
    private Optional<Duration> age(Claim.Sendable claim) {
        Instant created = claim.message().createdAt();
        return created == null || claim.row().place() == Place.SCHEDULED
                ? Optional.empty()
                : databaseClock.since(created);
    }

    private void defer(Flight flight, Shut shut) {
        end(flight, new Settlement.Deferred(flight.claim, shut.reason(), null, shut.delay()));
    }

    /** It is not sent, nor what waits behind it: they are claimed anew, here or elsewhere. */
    private void abandon(Flight flight) {
        drop(flight.claim);
        KeyLine line = keys.find(flight.claim);
        if (line != null) {
            Claim next = line.end();
            if (next != null) {
                drop(next);
            }
            line.giveUp().forEach(this::drop);
        }
    }

    private void end(Flight flight, Settlement settlement) {
        settle(settlement);
        KeyLine line = keys.find(flight.claim);
        if (line == null) {
            return;
        }
        if (holdsKey(settlement)) {
            holdBack(line);
        } else {
            advance(line, line.end());
        }
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
            if (isNew(claim)) {
                settle(new Settlement.Held(claim));
            } else {
                drop(claim);
            }
        }
    }

    private void takeDrained(KeyLine line, List<HeldKey> before, List<Claim> claims, boolean last) {
        if (!keys.isCurrent(line)) {
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
            keys.removeIfIdle(line);
        } else if (claims.isEmpty() && line.isWriting()) {
            line.awaitWrite();
        } else if (!line.isBusy()) {
            keys.drain(line);
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
                String fault = fault(claim);
                blocked = fault != null && holdsKey(claim.row().topic(), fault);
            }
        }
    }

    private boolean blocks(HeldKey parked) {
        return switch (parked.state()) {
            case RETRY -> true;
            case DEAD -> holdsKey(parked.topic(), parked.reason());
            case HELD -> false;
        };
    }

    private boolean holdsKey(Settlement settlement) {
        if (settlement instanceof Settlement.Dead dead) {
            return holdsKey(dead.claim().row().topic(), dead.reason());
        }
        return settlement instanceof Settlement.Retry || settlement instanceof Settlement.Deferred;
    }

    private boolean holdsKey(String topic, String deadReason) {
        return routes.of(topic).map(route -> route.holdsKey(deadReason)).orElse(false);
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
        keys.forget(shards).forEach(this::drop);
        for (Dock dock : docks.values()) {
            dock.leaveWaiting(flight -> shards.contains(flight.claim.row().shard()))
                    .forEach(this::abandon);
        }
    }

    private void checkResting() {
        long now = nanoClock.getAsLong();
        if (now - checkedAt >= CHECK_EVERY_NANOS) {
            checkedAt = now;
            List<KeyLine> resting = keys.resting(CHECKED);
            if (!resting.isEmpty()) {
                check.accept(resting);
            }
        }
    }

    private void free(List<KeyLine> lines, List<HeldKey> before) {
        Set<String> blocked =
                before.stream().filter(this::blocks).map(HeldKey::key).collect(Collectors.toSet());
        lines.stream()
                .filter(line -> keys.isCurrent(line) && line.isResting() && !blocked.contains(line.key))
                .forEach(keys::drain);
    }

    /** What was taken over: those of whose keys nothing is in the way any more go on. */
    private void hold(List<HeldKey> parked) {
        for (HeldKey each : parked) {
            if (blocks(each) || each.state() == HeldKey.State.HELD) {
                keys.line(each.key(), each.shard()).hold();
            }
        }
        free(List.copyOf(keys.all()), parked);
        docks.values().forEach(Dock::mayHaveParked);
    }

    // Ends.

    private void drop(Claim claim) {
        dropped.add(claim);
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
        if (stopping && docks.values().stream().noneMatch(Dock::hasUnderWay)) {
            landed.countDown();
        }
    }
}
