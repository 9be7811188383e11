package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.Settlement;
import io.bida.outbox.Settlement.Attempt;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Decides what a receipt means for its message. Pure but for the random numbers it is given. */
final class Judge {

    /** A longer wait is nobody's intention, and the end of time is no date that a database takes. */
    private static final Duration LONGEST_ASKED = Duration.ofDays(30);

    private final RetryPolicy usual;
    private final DoubleSupplier random;

    /** @param usual of routes that have no policy of their own */
    Judge(RetryPolicy usual, DoubleSupplier random) {
        this.usual = usual;
        this.random = random;
    }

    /** @param shut whether the destination is down, so that a failure is not counted as the message's attempt */
    Settlement judge(Claim.Sendable claim, Route route, Receipt receipt, Duration took, Optional<Shut> shut) {
        if (receipt instanceof Receipt.Accepted accepted) {
            return new Settlement.Delivered(claim, accepted.proof());
        }
        Fault fault = Fault.of(receipt).orElseThrow();
        Attempt attempt = new Attempt(claim.row().attempts() + 1, fault.outcome(), took, fault.reason());
        if (route.then(fault) != Route.Then.RETRY) {
            return new Settlement.Dead(claim, fault.deadReason(), attempt);
        }
        Duration asked = asked(receipt);
        return shut.map(down -> deferred(claim, attempt, down, asked))
                .orElseGet(() -> again(claim, route, attempt, asked));
    }

    private static Settlement deferred(Claim claim, Attempt attempt, Shut down, Duration asked) {
        return new Settlement.Deferred(claim, down.reason(), attempt, longer(down.delay(), asked));
    }

    private Settlement again(Claim claim, Route route, Attempt attempt, Duration asked) {
        RetryPolicy policy = route.retry() == null ? usual : route.retry();
        if (attempt.number() >= policy.attempts()) {
            String reason = "Given up after " + attempt.number() + " attempts; the last: " + attempt.error();
            return new Settlement.Dead(claim, reason, attempt);
        }
        Duration delay = policy.delay(attempt.number(), random.getAsDouble());
        return new Settlement.Retry(claim, attempt, longer(delay, asked));
    }

    /** The wait that the other side asked for. */
    private static Duration asked(Receipt receipt) {
        Duration asked = receipt instanceof Receipt.Failed failed ? failed.retryAfter() : null;
        return asked == null ? Duration.ZERO : shorter(asked, LONGEST_ASKED);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }
}
