package io.bida.console;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How the outbox of one database stands. Immutable.
 *
 * @param oldestDue the age of the oldest message that is due and not yet delivered
 * @param counts messages per state; what exceeds {@link #CAP} is counted as one more than it
 */
record Status(Optional<Duration> oldestDue, Map<String, Long> counts, long relays, long leasesHeld, long leases) {

    static final long CAP = 10_000;

    static boolean isCapped(long count) {
        return count > CAP;
    }
}
