package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class CautionTest {

    private static final int USUAL = 8;

    private final DataSource database = H2.fresh();
    private final Jdbi jdbi = Jdbi.create(database);
    private final SuspectStore store = new SuspectStore(H2.DIALECT, DurableQueue.OUTBOX, "node");
    private InFlight inFlight = new InFlight();
    private long now;
    private Caution caution = caution();

    @Test
    void withoutACrashNothingIsWrittenDown() {
        assertThat(caution.isOn()).isFalse();
    }

    @Test
    void theNumberOfMessagesDoublesWithEachRoundThatIsWritten() {
        caution.begin(Set.of(Claims.SHARD));
        for (int most : new int[] {1, 2, 4}) {
            assertThat(caution.isOn()).isTrue();
            assertThat(caution.isReady()).isTrue();
            assertThat(caution.most()).isEqualTo(most);
            Claim claim = go(Claims.hot(most, null));
            assertThat(suspects()).isEqualTo(1);
            caution.next(1);
            assertThat(caution.isReady()).as("what goes is not written yet").isFalse();
            end(claim);
        }
        assertThat(caution.isReady()).isTrue();
        assertThat(caution.isOn()).isFalse();
        assertThat(suspects()).isZero();
    }

    /** They counted as under way at a later crash, however long it was since. */
    @Test
    void theLastOnesThatWereWrittenDownAreForgottenAfterTheCautionToo() {
        caution.begin(Set.of(Claims.SHARD));
        for (int most : new int[] {1, 2}) {
            end(go(Claims.hot(most, null)));
            caution.next(1);
            assertThat(caution.isReady()).isTrue();
        }
        Claim.Sendable last = Claims.hot(4, null);
        keepsTheRow(last);
        go(last);
        caution.next(1);
        assertThat(caution.isOn()).isFalse();
        caution.rest();
        assertThat(suspects()).as("it is under way still").isEqualTo(1);
        end(last);
        caution.rest();
        assertThat(suspects()).isZero();
    }

    @Test
    void aSlowMessageHoldsTheOthersUpForASecondOnly() {
        caution.begin(Set.of(Claims.SHARD));
        go(Claims.hot(1, null));
        caution.next(1);
        assertThat(caution.isReady()).isFalse();
        now += Duration.ofSeconds(1).toNanos() + 1;
        assertThat(caution.isReady()).isTrue();
        assertThat(suspects()).as("it is under way still").isEqualTo(1);
    }

    @Test
    void aMessageThatWasUnderWayAtThreeCrashesIsNotSentAnyMore() {
        Claim.Sendable killer = Claims.hot(1, null);
        for (int crash = 1; crash <= 3; crash++) {
            caution.begin(Set.of(Claims.SHARD));
            assertThat(go(killer)).as("crash %s", crash).isEqualTo(killer);
            keepsTheRow(killer);
            crash();
        }
        caution.begin(Set.of(Claims.SHARD));
        Claim judged = go(killer);
        assertThat(judged).isInstanceOf(Claim.Unreadable.class);
        assertThat(((Claim.Unreadable) judged).reason())
                .startsWith("The relay ended 3 times while this message was under way");
        end(judged);
        assertThat(caution.isReady()).isTrue();
        assertThat(suspects()).isZero();
    }

    @Test
    void whileThereAreSuspectsAllGoOneByOneButNotForEver() {
        Claim.Sendable suspect = Claims.hot(1, null);
        caution.begin(Set.of(Claims.SHARD));
        go(suspect);
        keepsTheRow(suspect);
        crash();
        caution.begin(Set.of(Claims.SHARD));
        assertThat(caution.most()).isEqualTo(1);
        caution.next(1);
        assertThat(caution.most()).as("it did not come").isEqualTo(2);
    }

    /** Their crashes were counted from nothing again. */
    @Test
    void aSuspectThatComesLaterIsOneStill() {
        Claim.Sendable killer = Claims.hot(1, null);
        for (int crash = 1; crash <= 3; crash++) {
            caution.begin(Set.of(Claims.SHARD));
            caution.next(0);
            go(killer);
            keepsTheRow(killer);
            crash();
        }
        caution.begin(Set.of(Claims.SHARD));
        caution.next(0);
        assertThat(go(killer)).isInstanceOf(Claim.Unreadable.class);
    }

    /** Messages that never left their relay died with the one that took it down: each crash counted for all suspects. */
    @Test
    void aCrashCountsForThoseOnlyThatWereUnderWay() {
        Claim.Sendable innocent = Claims.hot(1, null);
        caution.begin(Set.of(Claims.SHARD));
        go(innocent);
        keepsTheRow(innocent);
        for (int crash = 0; crash < 5; crash++) {
            crash();
            caution.begin(Set.of(Claims.SHARD));
        }
        assertThat(go(innocent)).isEqualTo(innocent);
    }

    /** A lease that had lapsed had dropped it, and it was thought to have been delivered. */
    @Test
    void aSuspectThatWasGivenUpIsOneStill() {
        Claim.Sendable killer = Claims.hot(1, null);
        for (int crash = 1; crash <= 3; crash++) {
            caution.begin(Set.of(Claims.SHARD));
            go(killer);
            keepsTheRow(killer);
            end(killer);
            assertThat(caution.isReady()).isTrue();
            go(killer);
            crash();
        }
        caution.begin(Set.of(Claims.SHARD));
        assertThat(go(killer)).isInstanceOf(Claim.Unreadable.class);
    }

    /** A relay that was paused again and again had the message under way dead that it was about to send. */
    @Test
    void whatWasUnderWayOfARelayThatLivesIsNoSuspect() {
        Claim.Sendable innocent = Claims.hot(1, null);
        for (int pause = 0; pause < 5; pause++) {
            caution.begin(Set.of(Claims.SHARD));
            go(innocent);
            keepsTheRow(innocent);
            Caution paused = caution;
            crash();
            paused.lived(Set.of(Claims.SHARD));
        }
        caution.begin(Set.of(Claims.SHARD));
        assertThat(go(innocent)).isEqualTo(innocent);
    }

    @Test
    void aSuspectWhoseRowHasGoneIsNone() {
        caution.begin(Set.of(Claims.SHARD));
        go(Claims.hot(1, null));
        crash();
        caution.begin(Set.of(Claims.SHARD));
        assertThat(suspects()).isZero();
    }

    private Claim go(Claim claim) {
        List<Claim> noted = caution.note(List.of(claim));
        inFlight.enter(noted.get(0));
        return noted.get(0);
    }

    private void end(Claim claim) {
        inFlight.leave(List.of(claim));
        inFlight.forgetWritten();
    }

    private void crash() {
        jdbi.useHandle(handle -> store.crashed(handle, Set.of(Claims.SHARD)));
        inFlight = new InFlight();
        caution = caution();
    }

    private void keepsTheRow(Claim.Sendable claim) {
        jdbi.useHandle(handle -> handle.execute(
                "MERGE INTO bida_outbox (seq, message_id, topic, type, biz_id, payload) VALUES (?, ?, 'orders', 'T', '1', X'00')",
                claim.row().seq(),
                claim.row().messageId().uuid()));
    }

    private int suspects() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM bida_suspect")
                .mapTo(Integer.class)
                .one());
    }

    private Caution caution() {
        return new Caution(
                "relay", store, Session.readCommitted(database, Dialect.named("h2")), inFlight, () -> now, USUAL);
    }
}
