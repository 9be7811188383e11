package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import io.bida.outbox.Settlement;
import io.bida.outbox.Settlement.Attempt;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgeTest {

    private static final Duration TOOK = Duration.ofMillis(7);
    private static final Route ROUTE = new Route("**", "web");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Judge judge = new Judge(new RetryPolicy(SECOND, 2, Duration.ofMinutes(5), 0, 3), () -> 0.5);

    @Test
    void anAcceptedMessageIsDelivered() {
        Claim.Sendable claim = attempted(0);
        assertThat(judge(claim, new Receipt.Accepted("202"))).isEqualTo(new Settlement.Delivered(claim, "202"));
    }

    @Test
    void aRejectedMessageIsDeadAtOnce() {
        Claim.Sendable claim = attempted(0);
        assertThat(judge(claim, new Receipt.Rejected("malformed")))
                .isEqualTo(new Settlement.Dead(
                        claim, "Rejected: malformed", new Attempt(1, "rejected", TOOK, "malformed")));
    }

    @Test
    void aFailedMessageIsSentAgainAfterTheWaitOfItsAttempt() {
        Claim.Sendable claim = attempted(1);
        assertThat(judge(claim, new Receipt.Failed("busy")))
                .isEqualTo(new Settlement.Retry(claim, new Attempt(2, "failed", TOOK, "busy"), Duration.ofSeconds(2)));
    }

    @Test
    void noAnswerIsSentAgainToo() {
        Claim.Sendable claim = attempted(0);
        assertThat(judge(claim, new Receipt.Unknown("cut")))
                .isEqualTo(new Settlement.Retry(claim, new Attempt(1, "unknown", TOOK, "cut"), SECOND));
    }

    @Test
    void theLongerOfTheWaitAskedForAndOnesOwnIsKept() {
        assertThat(delay(Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
        assertThat(delay(Duration.ofMillis(1))).isEqualTo(SECOND);
    }

    /** A receiver that asked for it would have stopped all settlements: no database takes such a date. */
    @Test
    void aWaitUntilTheEndOfTimeIsCut() {
        assertThat(delay(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Duration.ofDays(30));
    }

    @Test
    void theLastAttemptIsTheEnd() {
        Claim.Sendable claim = attempted(2);
        assertThat(judge(claim, new Receipt.Failed("busy", Duration.ofHours(1))))
                .isEqualTo(new Settlement.Dead(
                        claim, "Given up after 3 attempts; the last: busy", new Attempt(3, "failed", TOOK, "busy")));
    }

    @Test
    void aRouteMayHaveAPolicyOfItsOwn() {
        Route patient = ROUTE.retrying(new RetryPolicy(Duration.ofMinutes(1), 1, Duration.ofMinutes(1), 0, 9));
        Claim.Sendable claim = attempted(2);
        assertThat(judge.judge(claim, patient, new Receipt.Failed("busy"), TOOK, Optional.empty()))
                .isEqualTo(new Settlement.Retry(claim, new Attempt(3, "failed", TOOK, "busy"), Duration.ofMinutes(1)));
    }

    @Test
    void anErrorThatARouteMakesFatalIsTheEnd() {
        Claim.Sendable claim = attempted(0);
        Route strict = ROUTE.on("answered 404", Route.Then.DEAD);
        assertThat(judge.judge(claim, strict, new Receipt.Failed("web answered 404"), TOOK, Optional.empty()))
                .isEqualTo(new Settlement.Dead(
                        claim, "Failed: web answered 404", new Attempt(1, "failed", TOOK, "web answered 404")));
    }

    @Test
    void whileItsDestinationIsDownAFailureIsNoAttemptOfTheMessage() {
        Claim.Sendable claim = attempted(2);
        Shut down = new Shut("web takes nothing", SECOND);
        Receipt failed = new Receipt.Failed("busy", Duration.ofSeconds(9));
        assertThat(judge.judge(claim, ROUTE, failed, TOOK, Optional.of(down)))
                .isEqualTo(new Settlement.Deferred(
                        claim, "web takes nothing", new Attempt(3, "failed", TOOK, "busy"), Duration.ofSeconds(9)));
        assertThat(judge.judge(claim, ROUTE, new Receipt.Rejected("malformed"), TOOK, Optional.of(down)))
                .isInstanceOf(Settlement.Dead.class);
    }

    private Settlement judge(Claim.Sendable claim, Receipt receipt) {
        return judge.judge(claim, ROUTE, receipt, TOOK, Optional.empty());
    }

    private Duration delay(Duration asked) {
        Settlement settlement = judge(attempted(0), new Receipt.Failed("busy", asked));
        return ((Settlement.Retry) settlement).delay();
    }

    private static Claim.Sendable attempted(int attempts) {
        return Claims.sendable("orders", attempts == 0 ? Place.HOT : Place.RETRY, 1, null, attempts, Timing.DUE);
    }
}
