package io.bida.relay;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The database's clock, told by this process's monotonic one: the wall clock of this machine may be wrong, and may jump.
 * Thread-safe.
 */
final class DatabaseClock {

    private final LongSupplier nanoClock;
    private volatile @Nullable Reading reading;

    DatabaseClock(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    private record Reading(Instant instant, long nanos) {}

    /** @param asked by the monotonic clock, before the database answered */
    void read(Instant instant, long asked) {
        reading = new Reading(instant, asked + (nanoClock.getAsLong() - asked) / 2);
    }

    /** Since an instant that the database wrote; empty until it was read once. */
    Optional<Duration> since(Instant instant) {
        Reading last = reading;
        if (last == null) {
            return Optional.empty();
        }
        Instant now = last.instant().plusNanos(nanoClock.getAsLong() - last.nanos());
        return Optional.of(now.isBefore(instant) ? Duration.ZERO : Duration.between(instant, now));
    }
}
