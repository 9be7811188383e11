package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.bida.benchmarks.Traffic.Commit;
import java.util.List;
import org.junit.jupiter.api.Test;

class DelaysTest {

    private static final List<Commit> COMMITS = List.of(new Commit(1_000, 2_000), new Commit(5_000, 9_000));

    @Test
    void aDelayBeginsWhenTheCommitReturned() {
        assertThat(Delays.millis(Delays.toArrival(COMMITS, List.of(5_000L, 9_000L)), 100))
                .isCloseTo(3, withinPercentage(0.1));
    }

    @Test
    void aMessageThatArrivedBeforeTheReturnTookNothing() {
        assertThat(Delays.millis(Delays.toArrival(COMMITS, List.of(1_500L, 8_000L)), 100))
                .isZero();
    }

    @Test
    void aMessageThatDidNotArriveIsNotOverlooked() {
        assertThatThrownBy(() -> Delays.toArrival(COMMITS, List.of(5_000L, 0L))).hasMessage("message 1 did not arrive");
    }
}
