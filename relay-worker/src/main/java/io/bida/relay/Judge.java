package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.Settlement;
import io.bida.outbox.Settlement.Attempt;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** Decides what a receipt means for its message. Pure but for the random numbers it is given. */
final class Judge {

    /** A longer wait is nobody's intention, and the end of time is no date that a database takes. */
    private static final Duration LONGEST_ASKED = Duration.ofDays(30);

    private final RetryPolicy policy;
    private final DoubleSupplier random;

    Judge(RetryPolicy policy, DoubleSupplier random) {
        this.policy = policy;
        this.random = random;
    }

    Settlement judge(Claim.Sendable claim, Receipt receipt, Duration took) {
        int number = claim.row().attempts() + 1;
        if (receipt instanceof Receipt.Accepted accepted) {
            return new Settlement.Delivered(claim, accepted.proof());
        }
        if (receipt instanceof Receipt.Rejected rejected) {
            return new Settlement.Dead(
                    claim, "Rejected: " + rejected.reason(), new Attempt(number, "rejected", took, rejected.reason()));
        }
        if (receipt instanceof Receipt.Failed failed) {
            Duration asked = failed.retryAfter() == null ? Duration.ZERO : failed.retryAfter();
            return again(claim, new Attempt(number, "failed", took, failed.reason()), asked);
        }
        Receipt.Unknown unknown = (Receipt.Unknown) receipt;
        return again(claim, new Attempt(number, "unknown", took, unknown.reason()), Duration.ZERO);
    }

    private Settlement again(Claim.Sendable claim, Attempt attempt, Duration asked) {
        if (attempt.number() >= policy.attempts()) {
            String reason = "Given up after " + attempt.number() + " attempts; the last: " + attempt.error();
            return new Settlement.Dead(claim, reason, attempt);
        }
        Duration delay = policy.delay(attempt.number(), random.getAsDouble());
        Duration wait = asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED;
        return new Settlement.Retry(claim, attempt, delay.compareTo(wait) < 0 ? wait : delay);
    }
}
