package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.benchmarks.All.Plan;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllTest {

    @ParameterizedTest
    @EnumSource
    void everyLineOfAPlanIsAMeasurementWithItsSettings(Plan plan) {
        assertThat(All.lines(plan))
                .isNotEmpty()
                .allSatisfy(line ->
                        assertThat(Benchmarks.command(Benchmarks.parse(line))).isInstanceOf(Measurement.class));
    }
}
