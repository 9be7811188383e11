package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void theMedianIsTheMiddleValueOrBetweenTheMiddleTwo() {
        assertThat(Samples.of(9, 1, 5).median()).isEqualTo(5);
        assertThat(Samples.of(9, 1, 5, 6).median()).isEqualTo(5.5);
    }

    @Test
    void theSpreadIsFromTheLeastToTheMost() {
        Samples samples = Samples.of(9, 1, 5);

        assertThat(samples.min()).isEqualTo(1);
        assertThat(samples.max()).isEqualTo(9);
    }

    @Test
    void ratiosAreTakenRoundByRound() {
        assertThat(Samples.of(8, 1).dividedBy(Samples.of(2, 4)).values()).containsExactly(4.0, 0.25);
    }

    @Test
    void sidesWithUnequalRoundsAreNotCompared() {
        assertThatThrownBy(() -> Samples.of(1, 2).dividedBy(Samples.of(1))).hasMessage("2 rounds stand against 1.");
    }
}
