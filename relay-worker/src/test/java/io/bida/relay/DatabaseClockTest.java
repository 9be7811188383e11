package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {

    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

    private long now = Long.MAX_VALUE - 5;
    private final DatabaseClock clock = new DatabaseClock(() -> now);

    @Test
    void nothingIsKnownBeforeItWasRead() {
        assertThat(clock.since(NOON)).isEmpty();
    }

    @Test
    void itGoesOnByTheMonotonicClockFromTheMiddleOfTheReading() {
        long asked = now;
        now += Duration.ofMillis(4).toNanos();
        clock.read(NOON, asked);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(clock.since(NOON)).contains(Duration.ofMillis(1_002));
    }

    @Test
    void whatIsYetToComeIsOfNoAge() {
        clock.read(NOON, now);
        assertThat(clock.since(NOON.plusSeconds(1))).contains(Duration.ZERO);
    }
}
