package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.OutboxStore.TransactionSpan;
import org.junit.jupiter.api.Test;

class WatermarkTest {

    private static final TransactionSpan NONE = new TransactionSpan(0, 0);
    private static final long NO_OPEN = Long.MAX_VALUE;

    private long now = -5;
    private final Watermark watermark = new Watermark(() -> now);

    @Test
    void itTrailsWhatWasRead() {
        watermark.advance(10, false, NO_OPEN, NONE);
        assertThat(watermark.low()).isZero();
        now += Watermark.TRAIL.toNanos() - 1;
        watermark.advance(20, false, NO_OPEN, NONE);
        assertThat(watermark.low()).isZero();
        now += 1;
        watermark.advance(20, false, NO_OPEN, NONE);
        assertThat(watermark.low()).isEqualTo(10);
        now += Watermark.TRAIL.toNanos();
        watermark.advance(20, false, NO_OPEN, NONE);
        assertThat(watermark.low()).isEqualTo(20);
    }

    @Test
    void settledRowsArePassedAtOnce() {
        watermark.advance(10, true, NO_OPEN, NONE);
        assertThat(watermark.low()).isEqualTo(10);
    }

    @Test
    void itStaysBelowAnOpenInsertForAsLongAsThatIsOpen() {
        watermark.advance(5, true, NO_OPEN, NONE);
        watermark.advance(10, true, 7, NONE);
        now += Watermark.TRAIL.multipliedBy(100).toNanos();
        watermark.advance(20, true, 7, NONE);
        assertThat(watermark.low()).isEqualTo(5);
        watermark.advance(20, true, NO_OPEN, NONE);
        assertThat(watermark.low()).isEqualTo(20);
    }

    @Test
    void itStaysBelowWhatWasReadWhileATransactionWasOpenThatStillIs() {
        watermark.advance(10, true, NO_OPEN, new TransactionSpan(100, 105));
        assertThat(watermark.low()).isZero();
        watermark.advance(10, true, NO_OPEN, new TransactionSpan(104, 300));
        assertThat(watermark.low()).isZero();
        watermark.advance(10, true, NO_OPEN, new TransactionSpan(105, 300));
        assertThat(watermark.low()).isEqualTo(10);
    }

    /** It had taken its number when 10 was read, and got its own id, 105, a moment later. */
    @Test
    void itStaysBelowWhatATransactionInsertedBeforeItCountedAsInFlight() {
        watermark.advance(10, false, NO_OPEN, new TransactionSpan(105, 105));
        now += Watermark.TRAIL.toNanos();
        watermark.advance(10, false, NO_OPEN, new TransactionSpan(105, 106));
        assertThat(watermark.low()).isZero();
        watermark.advance(10, false, NO_OPEN, new TransactionSpan(106, 106));
        assertThat(watermark.low()).isEqualTo(10);
    }

    @Test
    void afterAResetItBeginsAtTheStart() {
        watermark.advance(10, true, NO_OPEN, NONE);
        watermark.advance(20, false, NO_OPEN, NONE);
        watermark.reset();
        assertThat(watermark.low()).isZero();
        watermark.advance(3, true, NO_OPEN, NONE);
        assertThat(watermark.low()).isEqualTo(3);
    }
}
