package io.bida.relay;

import io.bida.message.BidaException;
import java.time.Duration;

/** Stub, dropped at merge. */
public record RetryPolicy(Duration first, double factor, Duration max, double jitter, int attempts) {

    public static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofSeconds(1), 2, Duration.ofMinutes(5), 0.2, 16);

    public RetryPolicy {
        if (jitter < 0 || jitter > 1) {
            throw new BidaException("jitter is " + jitter + "; it is a share from 0 to 1.");
        }
    }
}
