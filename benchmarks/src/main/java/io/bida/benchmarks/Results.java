package io.bida.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A run, as a file keeps it.
 *
 * @param machine with the server's version
 */
record Results(String server, String machine, String date, List<Figure> figures, List<Table.Point> points) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A row with the values of each round. */
    record Figure(String what, String settings, List<Double> raw, List<Double> bida, String target, String met) {

        static Figure of(Row row) {
            return new Figure(
                    row.what(),
                    row.settings(),
                    values(row.raw()),
                    values(row.bida()),
                    row.target().toString(),
                    row.met());
        }

        private static List<Double> values(@Nullable Samples samples) {
            return samples == null ? List.of() : samples.values();
        }
    }

    static Results of(Server server, String machine, Table table) {
        return new Results(
                server.name().toLowerCase(Locale.ROOT),
                machine,
                LocalDate.now(ZoneOffset.UTC).toString(),
                table.rows().stream().map(Figure::of).toList(),
                table.points());
    }

    static Results read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), Results.class);
    }

    void write(Path file) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), this);
    }
}
