package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowTest {

    private static final Samples RAW = Samples.of(100_000, 110_000, 90_000);

    @Test
    void aRatioIsJudgedByItsMedian() {
        Samples bida = Samples.of(70_000, 90_000, 80_000);

        assertThat(row(RAW, bida, Target.ratioAtLeast(0.80)).cells())
                .containsExactly(
                        "drain", "drain --messages 3", "100,000", "80,000", "0.82 (0.70 to 0.89)", "≥ 0.80", "yes");
        assertThat(row(RAW, bida, Target.ratioAtLeast(0.83)).met()).isEqualTo("no");
        assertThat(row(RAW, bida, Target.ratioAtMost(0.82)).met()).isEqualTo("yes");
    }

    @Test
    void whatIsAllowedBeyondTheRawFigureIsJudgedByTheDifference() {
        assertThat(row(Samples.of(2), Samples.of(3), Target.moreAtMost(1)).met())
                .isEqualTo("yes");
        assertThat(row(Samples.of(2), Samples.of(3.1), Target.moreAtMost(1)).met())
                .isEqualTo("no");
    }

    @Test
    void aFigureWithoutACounterpartShowsItsOwnSpread() {
        assertThat(new Row("heap", "drain", null, Samples.of(12, 14, 13), Target.atMost(512)).cells())
                .containsExactly("heap", "drain", "-", "13.0", "(12.0 to 14.0)", "≤ 512", "yes");
    }

    @Test
    void whatFailedMeetsNoTarget() {
        assertThat(Row.failed("drain", "the relay: nothing moved\nfor a minute").cells())
                .containsExactly("failed: the relay: nothing moved", "drain", "-", "-", "-", "-", "no");
    }

    private static Row row(Samples raw, Samples bida, Target target) {
        return new Row("drain", "drain --messages 3", raw, bida, target);
    }
}
