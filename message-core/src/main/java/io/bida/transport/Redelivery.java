package io.bida.transport;

import io.bida.message.BidaException;
import java.time.Duration;

/**
 * When a delivery that was answered {@link Answer.Retry} is tried again, if the answer itself does not tell.
 *
 * @param first the pause after the first attempt, doubled after each further one
 * @param longest the longest pause
 * @param attempts after so many it is dead; what fails while nothing else succeeds is no message's fault, and not counted
 */
public record Redelivery(Duration first, Duration longest, int attempts) {

    /** 200 ms, then doubled up to 30 s; 16 attempts. */
    public static final Redelivery DEFAULT = new Redelivery(Duration.ofMillis(200), Duration.ofSeconds(30), 16);

    private static final int MOST_DOUBLINGS = 20;

    public Redelivery {
        if (first.isNegative() || longest.compareTo(first) < 0 || attempts < 1) {
            throw new BidaException(
                    "A redelivery pauses for no less than 0, at last no shorter than at first, and has at"
                            + " least one attempt, not " + first + ", " + longest + " and " + attempts + ".");
        }
    }

    /** @param times how often it was tried, from 1 */
    Duration pause(int times) {
        Duration doubled = first.multipliedBy(1L << Math.min(times - 1, MOST_DOUBLINGS));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
