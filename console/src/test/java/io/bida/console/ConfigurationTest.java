package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.relay.Housekeeping;
import io.bida.relay.Limits;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration file says is what the relay is told. */
class ConfigurationTest {

    static final String WHOLE = """
            name: orders-relay
            database: { url: "jdbc:mariadb://127.0.0.1:3306/orders", user: bida, password: "${DB_PASSWORD}" }
            transports:
              web:   { type: "null", url: "http://${HOST}:9000/events", timeout: 5s, concurrency: 20, rate: 50 }
              kafka: { type: "null", url: x, properties: { bootstrap.servers: "127.0.0.1:9092", linger.ms: 5, on: true } }
            routes:
              - { topic: "orders.*", to: web, on-dead: hold, retry: { attempts: 9 }, on-error: { "answered 404": dead, failed: skip } }
              - { topic: "**", to: kafka }
            retry:   { first: 2s, factor: 3, max: 1m, jitter: 0.1, attempts: 4 }
            relay:   { batch: 100, lease: 5s, in-flight: 50, in-flight-size: 8MB, history: 1h, shutdown: 3s }
            console: { bind: 127.0.0.2, port: 0 }
            housekeeping: { history: "0 0 4 * * ?", ledger: off }
            """;

    private static final Map<String, String> VARIABLES = Map.of("DB_PASSWORD", "pa$$ ${w}\\1", "HOST", "sink");

    @TempDir
    private Path folder;

    @Test
    void everythingThatIsWrittenIsRead() throws IOException {
        RelayConfiguration configuration = read(WHOLE);

        assertThat(configuration.name()).isEqualTo("orders-relay");
        assertThat(configuration.database())
                .isEqualTo(new DatabaseSettings("jdbc:mariadb://127.0.0.1:3306/orders", "bida", "pa$$ ${w}\\1"));
        assertThat(configuration.routes())
                .containsExactly(
                        new Route("orders.*", "web")
                                .holdingOnDead()
                                .retrying(new RetryPolicy(Duration.ofSeconds(2), 3, Duration.ofMinutes(1), 0.1, 9))
                                .on("answered 404", Route.Then.DEAD)
                                .on("failed", Route.Then.SKIP),
                        new Route("**", "kafka"));
        assertThat(configuration.retry())
                .isEqualTo(new RetryPolicy(Duration.ofSeconds(2), 3, Duration.ofMinutes(1), 0.1, 4));
        assertThat(configuration.engine())
                .isEqualTo(new RelayConfiguration.Engine(
                        100,
                        Duration.ofSeconds(5),
                        50,
                        OptionalLong.of(8 << 20),
                        Duration.ofHours(1),
                        Duration.ofSeconds(3)));
        assertThat(configuration.console()).contains(new RelayConfiguration.Console("127.0.0.2", 0));
        assertThat(configuration.housekeeping())
                .isEqualTo(new Housekeeping(
                        "0 0 4 * * ?",
                        Housekeeping.DEFAULT.attempts(),
                        Housekeeping.OFF,
                        Housekeeping.DEFAULT.sweep()));
    }

    @Test
    void aTransportIsGivenItsOptionsAsTheyAreWrittenWithTheEnvironmentInsideThem() throws IOException {
        assertThat(options("web")).isEqualTo(Map.of("url", "http://sink:9000/events", "timeout", "5s"));
        assertThat(options("kafka"))
                .containsEntry("properties", Map.of("bootstrap.servers", "127.0.0.1:9092", "linger.ms", 5, "on", true));
    }

    @Test
    void aTransportHasLimitsOfItsOwn() throws IOException {
        assertThat(limits(read(WHOLE), "web")).isEqualTo(new Limits(20, 50, Duration.ofSeconds(60), 10));
        assertThat(limits(read(WHOLE), "kafka")).isEqualTo(Limits.DEFAULT);
        String strict = WHOLE.replace("rate: 50", "rate: 0.5, deadline: 9s, breaker: off");
        assertThat(limits(read(strict), "web")).isEqualTo(new Limits(20, 0.5, Duration.ofSeconds(9), 0));
    }

    private static Limits limits(RelayConfiguration configuration, String transport) {
        return Objects.requireNonNull(configuration.transports().get(transport)).limits();
    }

    @Test
    void whatIsNotWrittenIsAsTheManualSays() throws IOException {
        RelayConfiguration configuration = read(without("retry:", "relay:", "console:", "housekeeping:"));

        assertThat(configuration.retry()).isEqualTo(RetryPolicy.DEFAULT);
        assertThat(configuration.engine())
                .isEqualTo(new RelayConfiguration.Engine(
                        500,
                        Duration.ofSeconds(10),
                        2_000,
                        OptionalLong.empty(),
                        Duration.ofHours(24),
                        Duration.ofSeconds(10)));
        assertThat(configuration.console()).isEmpty();
        assertThat(configuration.housekeeping()).isEqualTo(Housekeeping.DEFAULT);
    }

    @Test
    void aConsoleWithoutDetailsListensOnLoopback() throws IOException {
        assertThat(read(without("console:") + "console:\n").console())
                .contains(new RelayConfiguration.Console("127.0.0.1", 8670));
    }

    @ParameterizedTest
    @CsvSource({"off", "false"})
    void offIsOff(String off) throws IOException {
        RelayConfiguration configuration = read(without("relay:", "console:", "housekeeping:") + "relay: { history: "
                + off + " }\nconsole: " + off + "\nhousekeeping: " + off + "\n");

        assertThat(configuration.engine().history()).isZero();
        assertThat(configuration.housekeeping()).isEqualTo(Housekeeping.NONE);
        assertThat(configuration.console()).isEmpty();
    }

    @Test
    void aPasswordOfDigitsKeepsItsZeros() throws IOException {
        assertThat(read(WHOLE.replace("\"${DB_PASSWORD}\"", "007")).database().password())
                .isEqualTo("007");
    }

    @Test
    void whatIsPrintedOfAConfigurationShowsNoSecret() throws IOException {
        assertThat(read(WHOLE.replace("http://${HOST}", "http://a:topsecret@x")))
                .asString()
                .doesNotContain("pa$$", "topsecret", "jdbc:");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> read(folder.resolve("none.yaml")))
                .isInstanceOf(BidaException.class)
                .hasMessage("There is no file " + folder.resolve("none.yaml") + ".");
    }

    private Map<String, Object> options(String transport) throws IOException {
        return Objects.requireNonNull(read(WHOLE).transports().get(transport))
                .settings()
                .options();
    }

    private static String without(String... starts) {
        return WHOLE.lines()
                .filter(line -> Arrays.stream(starts).noneMatch(line::startsWith))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private RelayConfiguration read(String yaml) throws IOException {
        return read(Files.writeString(folder.resolve("relay.yaml"), yaml));
    }

    private static RelayConfiguration read(Path file) {
        return RelayConfiguration.read(file, VARIABLES::get, Transports.ofThisProcess());
    }
}
