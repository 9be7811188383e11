package io.bida.relay;

import io.bida.message.BidaException;
import java.time.Duration;

/**
 * How much one destination is given, so that it is not overrun and takes nothing from the others.
 *
 * @param concurrency messages under way at a time; 0: as many as the relay holds in flight
 * @param perSecond messages per second; 0: as many as there are
 * @param deadline after which a message counts as unanswered although its sender says nothing
 * @param breaker after so many failures without a success in between the destination counts as down and is only probed;
 *     0: never
 */
public record Limits(int concurrency, double perSecond, Duration deadline, int breaker) {

    public static final Limits DEFAULT = new Limits(0, 0, Duration.ofSeconds(60), 10);

    public Limits {
        require(concurrency >= 0, "concurrency", concurrency, "a whole number from 1");
        require(perSecond >= 0 && perSecond <= 1e9, "rate", perSecond, "a number above 0");
        require(deadline.toMillis() >= 1, "deadline", deadline, "a time above 0");
        require(breaker >= 0, "breaker", breaker, "a whole number from 1");
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new BidaException(name + " is " + value + ": " + expected + " is expected.");
        }
    }
}
