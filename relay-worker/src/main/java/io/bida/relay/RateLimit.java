package io.bida.relay;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Messages per second, with a tenth of a second's worth at once. For one thread. */
final class RateLimit {

    private static final double SECOND = 1e9;

    private final double perSecond;
    private final double most;
    private final LongSupplier nanoClock;
    private double left;
    private long countedAt;

    /** @param perSecond 0: no limit */
    RateLimit(double perSecond, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.most = Math.max(1, perSecond / 10);
        this.nanoClock = nanoClock;
        this.left = most;
        this.countedAt = nanoClock.getAsLong();
    }

    /** How many may go now. */
    int left() {
        if (perSecond == 0) {
            return Integer.MAX_VALUE;
        }
        long now = nanoClock.getAsLong();
        left = Math.min(most, left + (now - countedAt) * perSecond / SECOND);
        countedAt = now;
        return (int) left;
    }

    void take(int messages) {
        left -= perSecond == 0 ? 0 : messages;
    }

    /** Until one more may go. */
    Duration untilNext() {
        return left() >= 1 ? Duration.ZERO : Duration.ofNanos((long) Math.ceil((1 - left) / perSecond * SECOND));
    }
}
