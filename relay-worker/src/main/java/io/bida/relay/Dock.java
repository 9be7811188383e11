package io.bida.relay;

import io.bida.outbox.Claim.Place;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where the messages of one destination wait and leave, so that it is not overrun and takes no room from the others. For
 * the shipper's thread only. A message
 *
 * <ol>
 *   <li>boards, and waits for its turn;
 *   <li>is given up, to come again later, when the destination is down, or when it is so slow that what waits for it would
 *       stand in the way of other destinations;
 *   <li>otherwise departs through the {@link Gate}, as concurrency and rate allow;
 *   <li>lands with its receipt, or is overdue.
 * </ol>
 */
final class Dock {

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);
    private static final double SECOND = 1e9;

    private final Destination destination;
    private final int capacity;
    private final int concurrency;
    private final boolean alone;
    private final Breaker breaker;
    private final RateLimit rate;
    private final Pace pace;
    private final Gate gate;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final RelayListener listener;

    private final Deque<Flight> waiting = new ArrayDeque<>();
    private final Set<Flight> underWay = new LinkedHashSet<>();
    /** Whether something may be parked that waits for this destination. */
    private boolean gaveUp;

    private boolean asking;
    private boolean inTheWay;
    private long inTheWaySince;
    /** How many may be under way; grows from one after the destination was down. */
    private int ramp;
    /** When the next message that is given up for slowness would have its turn. */
    private long turnAt;

    /**
     * @param capacity messages that may wait and be under way before others are stood in the way of
     * @param alone whether there are no others
     */
    Dock(
            Destination destination,
            int capacity,
            boolean alone,
            Landings landings,
            LongSupplier nanoClock,
            DoubleSupplier random,
            RelayListener listener) {
        this.destination = destination;
        this.capacity = capacity;
        this.alone = alone;
        this.gate = destination.gate().apply(landings);
        this.nanoClock = nanoClock;
        this.random = random;
        this.listener = listener;
        Limits limits = destination.limits();
        this.concurrency = limits.concurrency() == 0 ? capacity : limits.concurrency();
        this.ramp = concurrency;
        this.breaker = new Breaker(limits.breaker(), nanoClock, random);
        this.rate = new RateLimit(limits.perSecond(), nanoClock);
        this.pace = new Pace(nanoClock);
        this.turnAt = nanoClock.getAsLong();
    }

    void board(Flight flight) {
        waiting.add(flight);
    }

    String name() {
        return destination.name();
    }

    /** Takes away those that wait and fit. */
    List<Flight> leaveWaiting(Predicate<Flight> which) {
        List<Flight> left = waiting.stream().filter(which).toList();
        waiting.removeAll(new HashSet<>(left));
        return left;
    }

    boolean hasUnderWay() {
        return !underWay.isEmpty();
    }

    /** Whether nothing can leave but a probe. */
    boolean isDown() {
        return breaker.isOpen();
    }

    /** Whether it needs a message to see whether its destination is still down. */
    boolean wantsProbe() {
        return breaker.wantsProbe() && waiting.isEmpty();
    }

    /** Why a message that was not taken may not be at fault. */
    Optional<Shut> shut() {
        gaveUp |= breaker.isOpen();
        return breaker.isOpen() ? Optional.of(down()) : Optional.empty();
    }

    /** Whether it has room again for what was given up; once until {@link #answered}. */
    boolean asks() {
        boolean asks = gaveUp && !asking && !breaker.isOpen() && !inTheWay && held() <= capacity / 2;
        asking |= asks;
        return asks;
    }

    /** Another relay may have given up messages of shards that were taken over. */
    void mayHaveParked() {
        gaveUp = true;
    }

    /** @param more whether there may be more */
    void answered(boolean more) {
        asking = false;
        gaveUp = more;
    }

    /** A flight that is not to leave soon, and why. */
    record GivenUp(Flight flight, Shut shut) {}

    List<GivenUp> giveUp() {
        List<GivenUp> given = new ArrayList<>();
        if (breaker.isOpen()) {
            Optional<Flight> probe = breaker.wantsProbe() ? probe() : Optional.empty();
            waiting.forEach(flight -> given.add(new GivenUp(flight, down())));
            waiting.clear();
            probe.ifPresent(waiting::add);
        } else if (isInTheWay()) {
            while (held() > capacity && !waiting.isEmpty()) {
                given.add(new GivenUp(waiting.removeLast(), slow()));
            }
        }
        gaveUp |= !given.isEmpty();
        return given;
    }

    /** The one of those that wait that is least likely to be at fault itself. */
    private Optional<Flight> probe() {
        Optional<Flight> best = waiting.stream()
                .min(Comparator.comparing(breaker::wasProbed)
                        .thenComparing(flight -> flight.claim.row().attempts()));
        best.ifPresent(waiting::remove);
        return best;
    }

    /** From when something beyond the capacity has waited too long until half of the capacity is free. */
    private boolean isInTheWay() {
        long now = nanoClock.getAsLong();
        if (inTheWay) {
            inTheWay = held() > capacity / 2;
        } else if (!alone && held() > capacity && !waiting.isEmpty()) {
            inTheWay = now - waiting.getFirst().since > PATIENCE.toNanos();
            inTheWaySince = now;
        }
        return inTheWay;
    }

    private int held() {
        return waiting.size() + underWay.size();
    }

    /** The longer it has lasted, the later what waits comes again: all of it is not to be touched at every probe. */
    private Shut down() {
        Duration delay = longer(breaker.untilProbe(), spread(breaker.openFor()));
        return new Shut(waitsFor() + "nothing at present: " + breaker.lastFault(), delay);
    }

    /** Each has its turn after the one before it, at the pace at which the destination takes them. */
    private Shut slow() {
        long now = nanoClock.getAsLong();
        double perSecond = pace.perSecond();
        Duration delay = spread(Duration.ofNanos(now - inTheWaySince));
        if (perSecond > 0) {
            turnAt = Math.max(turnAt, now) + (long) (SECOND / perSecond);
            delay = Duration.ofNanos(turnAt - now);
        }
        return new Shut(
                waitsFor() + "messages more slowly than they come; this one waits for its turn.",
                longer(PATIENCE, delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY));
    }

    /** How the reasons of all that is given up here begin. */
    String waitsFor() {
        return destination.name() + " takes ";
    }

    private Duration spread(Duration lasting) {
        Duration some = Duration.ofNanos((long) (lasting.toNanos() * (0.25 + random.getAsDouble() / 2)));
        return some.compareTo(LONGEST_DELAY) < 0 ? some : LONGEST_DELAY;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    /** Takes from those that wait the ones that may leave now. */
    List<Flight> next() {
        List<Flight> next = new ArrayList<>();
        for (int may = may(); may > 0 && !waiting.isEmpty(); may--) {
            next.add(waiting.removeFirst());
        }
        return next;
    }

    /** Lets them go; those that nobody takes any more wait on. */
    void depart(List<Flight> ready) {
        long now = nanoClock.getAsLong();
        int taken = gate.leave(ready);
        for (int i = ready.size(); i > taken; i--) {
            waiting.addFirst(ready.get(i - 1));
        }
        List<Flight> leaving = ready.subList(0, taken);
        leaving.forEach(flight -> flight.since = now);
        underWay.addAll(leaving);
        rate.take(taken);
        if (breaker.isOpen() && taken > 0) {
            breaker.probe(leaving.get(0));
        }
    }

    /** All has left that can leave for now. */
    void turned() {
        gate.turned();
    }

    private int may() {
        if (breaker.isOpen()) {
            return breaker.wantsProbe() ? Math.min(1, gate.room()) : 0;
        }
        return Math.min(room(), rate.left());
    }

    private int room() {
        return Math.min(Math.min(concurrency, ramp) - underWay.size(), gate.room());
    }

    /** Those under way for longer than the deadline. */
    List<Flight> overdue() {
        List<Flight> overdue = new ArrayList<>();
        long now = nanoClock.getAsLong();
        Iterator<Flight> oldest = underWay.iterator();
        while (oldest.hasNext()) {
            Flight flight = oldest.next();
            if (now - flight.since < destination.limits().deadline().toNanos()) {
                break;
            }
            overdue.add(flight);
        }
        return overdue;
    }

    Receipt unanswered() {
        return new Receipt.Unknown(
                "No answer within " + destination.limits().deadline().toMillis() + " ms.");
    }

    /** False when the flight had ended before. */
    boolean land(Flight flight, Receipt receipt) {
        if (!underWay.remove(flight)) {
            return false;
        }
        pace.count();
        boolean wasDown = breaker.isOpen();
        Fault.of(receipt)
                .filter(fault -> !fault.outcome().equals("rejected"))
                .ifPresentOrElse(
                        fault -> {
                            boolean unavailable = receipt instanceof Receipt.Failed failed && failed.unavailable();
                            breaker.failed(flight, fault, unavailable);
                        },
                        () -> breaker.succeeded(flight));
        if (wasDown && !breaker.isOpen()) {
            ramp = 1;
            listener.destinationUp(name(), breaker.openFor());
        } else if (!wasDown && breaker.isOpen()) {
            listener.destinationDown(name(), breaker.lastFault());
        }
        if (!breaker.isOpen() && ramp < concurrency) {
            ramp++;
        }
        return true;
    }

    /** How it stands at present. What had a time of its own counts from there, which the table tells, not from its insert. */
    Berth look() {
        Optional<Instant> oldest = Stream.concat(waiting.stream(), underWay.stream())
                .filter(flight -> flight.claim.row().place() != Place.SCHEDULED)
                .map(flight -> flight.claim.message().createdAt())
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        return new Berth(name(), oldest, held(), isDown());
    }

    /**
     * How a dock stands.
     *
     * @param oldest when the oldest message in it was created, of those without a time of their own
     */
    record Berth(String destination, Optional<Instant> oldest, int inFlight, boolean down) {}

    /** Until something that waits may leave without a receipt coming, or somebody asking for it, first. */
    Duration untilNext() {
        if (waiting.isEmpty() || gate.room() == 0) {
            return LONGEST_DELAY;
        }
        if (breaker.isOpen()) {
            return breaker.untilProbe();
        }
        return room() > 0 ? rate.untilNext() : LONGEST_DELAY;
    }
}
