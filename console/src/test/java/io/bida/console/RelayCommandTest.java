package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The standalone process, from its start to its end. */
class RelayCommandTest {

    private final Cli cli = new Cli();

    @TempDir
    private Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aRelayRunsUntilItIsToldToStopAndEndsWell() throws Exception {
        Path log = folder.resolve("log");
        Process process = process(config(0), log);
        try {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Files.readString(log).contains("running"));
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).isZero();
        assertThat(Files.readAllLines(log))
                .hasSizeGreaterThanOrEqualTo(5)
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+ INFO {2}orders-relay: .*\\."));
        assertThat(Files.readString(log))
                .contains("was brought to version 1 by 1 migration.")
                .containsPattern("health at http://127\\.0\\.0\\.1:\\d+")
                .contains("orders-relay: running, from " + folder.resolve("db") + " to web, health at")
                .contains("orders-relay: stopped.");
    }

    @Test
    void aTakenPortEndsAtOnceBeforeTheDatabaseIsTouched() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(relay(config(taken.getLocalPort())))
                    .isEqualTo(
                            new Cli.Said(
                                    1,
                                    "",
                                    "Port " + taken.getLocalPort()
                                            + " of 127.0.0.1 is taken; choose another as console.port, or 0 for a free one.\n"));
        }
        assertThat(folder.resolve("db.mv.db")).doesNotExist();
    }

    @Test
    void missingTablesEndAtOnce() throws IOException {
        assertThat(relay(config(0)))
                .isEqualTo(new Cli.Said(
                        1,
                        "",
                        "The database " + folder.resolve("db")
                                + " lacks Bida's tables; make them with ./bida migrate, or"
                                + " start with --migrate (asked as user 'bida').\n"));
    }

    @Test
    void aTransportThatRefusesItsSettingsEndsAtOnceAndLeavesNothingOpen() throws IOException {
        Path config = config(0);
        Files.writeString(config, Files.readString(config).replace("url: x", "timeout: 5s"));

        assertThat(cli.run("relay", "--migrate", "--config", config.toString()))
                .isEqualTo(new Cli.Said(1, "", "transports.web.url is missing.\n"));
        assertThat(cli.run("migrate", "--user", "bida", "--password", "", "--url", "jdbc:h2:" + folder.resolve("db"))
                        .code())
                .isZero();
    }

    @Test
    void aConfigurationThatIsWrongIsToldInWhole() throws IOException {
        Path config = Files.writeString(folder.resolve("relay.yaml"), "nam: x\n");

        assertThat(relay(config)).isEqualTo(new Cli.Said(1, "", """
                                FILE, line 1: name is missing.
                                FILE, line 1: database is missing.
                                FILE, line 1: transports is missing.
                                FILE, line 1: routes is missing.
                                FILE, line 1: unknown key nam; did you mean 'name'?
                                """.replace("FILE", config.toString())));
    }

    @Test
    void anInterruptedRelayEndsWell() throws Exception {
        int port = DatabaseTest.closedPort();
        Path config = config(port);
        int[] code = {-1};
        Thread thread = new Thread(() -> code[0] =
                cli.run("relay", "--migrate", "--config", config.toString()).code());
        thread.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> isReady(port));
        thread.interrupt();
        thread.join(20_000);

        assertThat(code[0]).isZero();
    }

    private static boolean isReady(int port) throws IOException {
        URL ready = URI.create("http://127.0.0.1:" + port + "/health/ready").toURL();
        try {
            return ((HttpURLConnection) ready.openConnection()).getResponseCode() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    private Cli.Said relay(Path config) {
        return cli.run("relay", "--config", config.toString());
    }

    private Path config(int port) throws IOException {
        return Files.writeString(folder.resolve("relay.yaml"), """
                name: orders-relay
                database: { url: "jdbc:h2:%s", user: bida, password: "" }
                transports: { web: { type: "null", url: x } }
                routes: [ { topic: "**", to: web } ]
                console: { port: %d }
                """.formatted(folder.resolve("db"), port));
    }

    private static Process process(Path config, Path log) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BidaCommand.class.getName(),
                "relay",
                "--migrate",
                "--config",
                config.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
