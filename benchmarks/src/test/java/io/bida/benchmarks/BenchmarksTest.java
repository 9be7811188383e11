package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarksTest {

    @Test
    void aSmallRunMeasuresBothSidesOnARealServer(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("results.json");

        int code = Benchmarks.commandLine()
                .execute("drain", "--messages", "1000", "--keys", "10", "--rounds", "1", "--json", file.toString());

        assertThat(code).isZero();
        List<Results.Figure> figures = Results.read(file).figures();
        assertThat(figures)
                .extracting(Results.Figure::what)
                .containsExactly("drain, messages/s", "drain, messages/s; raw: without keys", "drain, peak heap, MiB");
        assertThat(figures.get(0).raw())
                .singleElement()
                .satisfies(rate -> assertThat(rate).isPositive());
        assertThat(figures)
                .extracting(Results.Figure::bida)
                .allSatisfy(rates -> assertThat(rates)
                        .singleElement()
                        .satisfies(rate -> assertThat(rate).isPositive()));
    }
}
