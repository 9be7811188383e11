package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.OutboxStore.TransactionSpan;
import io.bida.outbox.Span;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GapsTest {

    private static final TransactionSpan NONE = new TransactionSpan(0, 0);

    private long now = -5;
    private final Gaps gaps = new Gaps(() -> now);

    @Test
    void whatWasNotThereIsAGap() {
        gaps.add(10, 20, Set.of(11L, 12L, 15L, 20L), 0);
        assertThat(gaps.spans()).containsExactly(new Span(13, 14), new Span(16, 19));
        gaps.add(20, 21, Set.of(21L), 0);
        assertThat(gaps.spans()).hasSize(2);
    }

    /** Between the rows of another relay's backlog were so many gaps that MariaDB planned for minutes. */
    @Test
    void scatteredGapsAreLookedForInFewSpans() {
        for (long seq = 0; seq < 300_000; seq += 3) {
            gaps.add(seq, seq + 3, Set.of(seq + 3), 0);
        }
        assertThat(gaps.spans()).hasSizeBetween(1, 100);
        assertThat(gaps.has(30_001)).isTrue();
        assertThat(gaps.has(30_003)).as("a row between two gaps").isFalse();
    }

    @Test
    void aGapIsLookedForUntilTheTrailHasPassed() {
        gaps.add(0, 3, Set.of(1L, 3L), 0);
        now += Gaps.TRAIL.toNanos() - 1;
        gaps.close(NONE, Set.of());
        assertThat(gaps.isEmpty()).isFalse();
        now += 1;
        gaps.close(NONE, Set.of());
        assertThat(gaps.isEmpty()).isTrue();
    }

    @Test
    void amongNumbersThatWereTakenLongAgoAGapIsLookedForOnce() {
        gaps.add(0, 3, Set.of(1L, 3L), 3);
        gaps.close(NONE, Set.of());
        assertThat(gaps.isEmpty()).isTrue();
    }

    /** After a take-over, a million dead rows were read for two seconds, turn by turn. */
    @Test
    void farBehindAGapIsLookedForOnce() {
        gaps.add(0, 1_000_000, Set.of(1_000_000L), 0);
        gaps.close(NONE, Set.of());
        assertThat(gaps.spans()).containsExactly(new Span(800_001, 999_999));
    }

    @Test
    void anOpenInsertIsLookedForAsLongAsItIsOpenAndNothingBesideIt() {
        gaps.add(0, 10, Set.of(10L), 10);
        gaps.close(NONE, Set.of(4L, 7L));
        assertThat(gaps.spans()).containsExactly(new Span(4, 4), new Span(7, 7));
        now += Gaps.TRAIL.multipliedBy(100).toNanos();
        gaps.close(NONE, Set.of(4L));
        assertThat(gaps.spans()).containsExactly(new Span(4, 4));
        gaps.remove(4);
        assertThat(gaps.isEmpty()).isTrue();
    }

    @Test
    void aNumberThatAppearedIsMissingNoMore() {
        gaps.add(0, 10, Set.of(10L), 0);
        gaps.remove(5);
        gaps.remove(1);
        gaps.remove(9);
        gaps.remove(10);
        assertThat(gaps.spans()).containsExactly(new Span(2, 4), new Span(6, 8));
    }

    @Test
    void aGapIsLookedForWhileATransactionIsOpenThatWasOpenThen() {
        gaps.add(0, 2, Set.of(2L), 2);
        gaps.close(new TransactionSpan(100, 105), Set.of());
        gaps.close(new TransactionSpan(104, 300), Set.of());
        assertThat(gaps.isEmpty()).isFalse();
        gaps.close(new TransactionSpan(105, 300), Set.of());
        assertThat(gaps.isEmpty()).isTrue();
    }

    /** It had taken its number when 2 was read, and got its own id, 105, a moment later. */
    @Test
    void aTransactionThatDidNotYetCountAsInFlightIsWaitedForToo() {
        gaps.add(0, 2, Set.of(2L), 0);
        gaps.close(new TransactionSpan(105, 105), Set.of());
        now += Gaps.TRAIL.toNanos();
        gaps.close(new TransactionSpan(105, 106), Set.of());
        assertThat(gaps.isEmpty()).isFalse();
        gaps.close(new TransactionSpan(106, 106), Set.of());
        assertThat(gaps.isEmpty()).isTrue();
    }
}
