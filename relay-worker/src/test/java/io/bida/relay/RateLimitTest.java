package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private long now = 7;

    @Test
    void withoutALimitAnyNumberGoes() {
        RateLimit none = new RateLimit(0, () -> now);
        none.take(1_000_000);
        assertThat(none.left()).isEqualTo(Integer.MAX_VALUE);
        assertThat(none.untilNext()).isZero();
    }

    @Test
    void aTenthOfASecondsWorthGoesAtOnceAndThenTheRate() {
        RateLimit hundred = new RateLimit(100, () -> now);
        assertThat(hundred.left()).isEqualTo(10);
        hundred.take(10);
        assertThat(hundred.left()).isZero();
        assertThat(hundred.untilNext()).isEqualTo(Duration.ofMillis(10));
        now += Duration.ofMillis(35).toNanos();
        assertThat(hundred.left()).isEqualTo(3);
        now += Duration.ofHours(1).toNanos();
        assertThat(hundred.left()).isEqualTo(10);
    }

    @Test
    void lessThanOneASecondIsARateToo() {
        RateLimit slow = new RateLimit(0.1, () -> now);
        assertThat(slow.left()).isEqualTo(1);
        slow.take(1);
        assertThat(slow.untilNext()).isEqualTo(Duration.ofSeconds(10));
        now += Duration.ofSeconds(10).toNanos();
        assertThat(slow.left()).isEqualTo(1);
    }
}
