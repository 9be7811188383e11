package io.bida.relay;

import io.bida.message.BidaException;
import java.time.Duration;

/**
 * When a message that was not taken is sent again: after {@code first}, then {@code factor} times as long each time, at
 * most {@code max}, each shortened or lengthened by up to the share {@code jitter}; after {@code attempts} it is dead.
 */
public record RetryPolicy(Duration first, double factor, Duration max, double jitter, int attempts) {

    private static final Duration LONGEST = Duration.ofDays(365);

    public static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofSeconds(1), 2, Duration.ofMinutes(5), 0.2, 16);

    public RetryPolicy {
        require(!first.isNegative() && !first.isZero(), "first", first, "a time above 0");
        require(factor >= 1 && factor <= 100, "factor", factor, "a number from 1 to 100");
        require(max.compareTo(first) >= 0, "max", max, "a time not below first");
        require(max.compareTo(LONGEST) <= 0, "max", max, "a time up to 365 days");
        require(jitter >= 0 && jitter <= 1, "jitter", jitter, "a share from 0 to 1");
        require(attempts >= 1, "attempts", attempts, "a number from 1");
    }

    /**
     * The wait before the next attempt.
     *
     * @param made attempts made so far, from 1
     * @param random from 0 (inclusive) to 1 (exclusive)
     */
    Duration delay(int made, double random) {
        double plain = Math.min((double) first.toNanos() * Math.pow(factor, made - 1.0), (double) max.toNanos());
        return Duration.ofNanos((long) (plain * (1 + jitter * (2 * random - 1))));
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new BidaException(name + " is " + value + ": " + expected + " is expected.");
        }
    }
}
