package io.bida.benchmarks;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Time that all processes of the machine agree on. */
final class Clock {

    private Clock() {}

    /** Microseconds since 1970. */
    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
