package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void theWaitGrowsByItsFactorUpToTheLongest() {
        RetryPolicy policy = new RetryPolicy(SECOND, 2, MINUTE, 0, 16);
        assertThat(policy.delay(1, 0.5)).isEqualTo(SECOND);
        assertThat(policy.delay(2, 0.5)).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.delay(6, 0.5)).isEqualTo(Duration.ofSeconds(32));
        assertThat(policy.delay(7, 0.5)).isEqualTo(MINUTE);
        assertThat(policy.delay(Integer.MAX_VALUE, 0.5)).isEqualTo(MINUTE);
    }

    @Test
    void jitterShortensOrLengthensByItsShareAtMost() {
        RetryPolicy policy = new RetryPolicy(SECOND, 1, SECOND, 0.2, 16);
        assertThat(policy.delay(1, 0)).isEqualTo(Duration.ofMillis(800));
        assertThat(policy.delay(1, 0.5)).isEqualTo(SECOND);
        assertThat(policy.delay(1, Math.nextDown(1.0))).isBetween(Duration.ofMillis(1199), Duration.ofMillis(1200));
    }

    @Test
    void aPolicyThatExistsIsValid() {
        refused(() -> new RetryPolicy(Duration.ZERO, 2, MINUTE, 0, 1), "first is PT0S: a time above 0");
        refused(() -> new RetryPolicy(SECOND, 0.5, MINUTE, 0, 1), "factor is 0.5");
        refused(() -> new RetryPolicy(SECOND, Double.NaN, MINUTE, 0, 1), "factor is NaN");
        refused(() -> new RetryPolicy(MINUTE, 2, SECOND, 0, 1), "max is PT1S: a time not below first");
        refused(() -> new RetryPolicy(SECOND, 2, Duration.ofDays(366), 0, 1), "a time up to 365 days");
        refused(() -> new RetryPolicy(SECOND, 2, MINUTE, 1.1, 1), "jitter is 1.1");
        refused(() -> new RetryPolicy(SECOND, 2, MINUTE, 0, 0), "attempts is 0");
    }

    private static void refused(Runnable policy, String reason) {
        assertThatThrownBy(policy::run).isInstanceOf(BidaException.class).hasMessageContaining(reason);
    }
}
