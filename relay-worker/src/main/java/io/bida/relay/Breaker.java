package io.bida.relay;

import io.bida.message.MessageId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a destination takes messages at all. For the shipper's thread only.
 *
 * <ol>
 *   <li>It opens when, without a success in between, so many messages failed at their first attempt, or as many receipts
 *       said that the destination is unavailable: a message that fails again and again may be at fault itself, and says
 *       nothing new. It opens too when nearly all of the last first attempts were failures.
 *   <li>While it is open, single messages are sent as probes, with growing pauses.
 *   <li>A probe that is taken, or rejected for its own fault, closes it.
 * </ol>
 */
final class Breaker {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final double JITTER = 0.2;
    /** Of one message in the share of failures: the last 50 or so decide. */
    private static final double WEIGHT = 0.04;

    private static final double SHARE = 0.8;

    private final int threshold;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;

    private final Set<MessageId> failing = new HashSet<>();
    private int unavailable;
    private double share;
    private boolean open;
    private long openedAt;
    private long probeAt;
    private long pause;
    private @Nullable Flight probe;
    /** That were not taken while it was open. */
    private final Set<MessageId> probed = new HashSet<>();

    private String lastFault = "";

    /** @param threshold failures after which it opens; 0: never */
    Breaker(int threshold, LongSupplier nanoClock, DoubleSupplier random) {
        this.threshold = threshold;
        this.nanoClock = nanoClock;
        this.random = random;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether a message may be sent now to see whether the destination takes messages again. */
    boolean wantsProbe() {
        return open && probe == null && nanoClock.getAsLong() - probeAt >= 0;
    }

    /** The message is being sent as a probe. */
    void probe(Flight flight) {
        probe = flight;
    }

    /** Whether it was sent as a probe in vain, so that another one would tell more. */
    boolean wasProbed(Flight flight) {
        return probed.contains(flight.claim.row().messageId());
    }

    Duration untilProbe() {
        return Duration.ofNanos(Math.max(0, probeAt - nanoClock.getAsLong()));
    }

    Duration openFor() {
        return Duration.ofNanos(nanoClock.getAsLong() - openedAt);
    }

    String lastFault() {
        return lastFault;
    }

    /** The destination answered for itself. */
    void succeeded(Flight flight) {
        failing.clear();
        unavailable = 0;
        share *= 1 - WEIGHT;
        if (open && flight.equals(probe)) {
            open = false;
            share = 0;
            probed.clear();
        }
        forget(flight);
    }

    void failed(Flight flight, Fault fault, boolean isUnavailable) {
        lastFault = fault.reason();
        if (threshold == 0) {
            return;
        }
        if (isUnavailable) {
            unavailable++;
        }
        if (flight.claim.row().attempts() == 0) {
            share = share * (1 - WEIGHT) + WEIGHT;
            failing.add(flight.claim.row().messageId());
        }
        if (open) {
            if (flight.equals(probe)) {
                probed.add(flight.claim.row().messageId());
                pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
                scheduleProbe();
            }
        } else if (failing.size() >= threshold || unavailable >= threshold || share > SHARE) {
            open();
        }
        forget(flight);
    }

    private void open() {
        open = true;
        openedAt = nanoClock.getAsLong();
        pause = FIRST_PAUSE.toNanos();
        scheduleProbe();
        failing.clear();
        unavailable = 0;
    }

    private void scheduleProbe() {
        probeAt = nanoClock.getAsLong() + (long) (pause * (1 + JITTER * (2 * random.getAsDouble() - 1)));
    }

    private void forget(Flight flight) {
        if (flight.equals(probe)) {
            probe = null;
        }
    }
}
