package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ChartsTest {

    @TempDir
    private Path folder;

    @Test
    void theResultsOfEachServerBecomeOneFileForEachKindOfChart() throws IOException {
        Path mariadb = write(Server.MARIADB);
        Path mysql = write(Server.MYSQL);
        Path images = folder.resolve("images");

        int code = new CommandLine(new Charts()).execute("--from", mariadb + "," + mysql, "--to", images.toString());

        assertThat(code).isZero();
        for (String server : List.of("mariadb", "mysql")) {
            assertThat(images.resolve("backlog-" + server + ".svg"))
                    .content()
                    .contains(">messages per second<", ">plain JDBC<", ">1,000,000<");
            assertThat(images.resolve("latency-100-" + server + ".svg"))
                    .content()
                    .contains(">commit to sink, ms<", ">other process<", ">p99<");
        }
    }

    private Path write(Server server) throws IOException {
        Table table = new Table();
        table.add(new Row("messages/s", "backlog", Samples.of(2, 3), Samples.of(1, 2), Target.NONE));
        for (String waiting : new String[] {"10,000", "1,000,000"}) {
            table.add(new Table.Point("backlog", "relay", waiting, 70_000));
            table.add(new Table.Point("backlog", "plain JDBC", waiting, 75_000));
        }
        table.add(new Table.Point("latency-100", "other process", "p50", 5));
        table.add(new Table.Point("latency-100", "other process", "p99", 12));
        Results results = Results.of(server, "a machine", table);
        Path file = folder.resolve(server.name() + ".json");
        results.write(file);
        assertThat(Results.read(file)).isEqualTo(results);
        return file;
    }
}
