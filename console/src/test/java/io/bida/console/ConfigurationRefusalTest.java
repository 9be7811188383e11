package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bida.message.BidaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration that is wrong is refused with sentences that say where and what. */
class ConfigurationRefusalTest {

    private static final String GOOD = ConfigurationTest.WHOLE;

    @TempDir
    private Path folder;

    static Stream<Arguments> oneThingWrong() {
        return Stream.of(
                changed("user: bida", "usr: bida", 2, "unknown key database.usr; did you mean 'user'?"),
                changed("in-flight: 50", "inflight: 50", 10, "unknown key relay.inflight; did you mean 'in-flight'?"),
                changed("console:", "consoul:", 11, "unknown key consoul; did you mean 'console'?"),
                changed("on-dead", "ondead", 7, "unknown key routes[0].ondead; did you mean 'on-dead'?"),
                changed("timeout", "timeoutt", 4, "unknown key transports.web.timeoutt; did you mean 'timeout'?"),
                changed(
                        "jitter",
                        "colour",
                        9,
                        "unknown key retry.colour; known are attempts, factor, first, jitter, max."),
                changed("name: orders-relay", "", 2, "name is missing."),
                changed("name: orders-relay", "name:", 1, "name is missing."),
                changed("url: \"jdbc:mariadb://127.0.0.1:3306/orders\", ", "", 2, "database.url is missing."),
                changed("to: web, ", "", 7, "routes[0].to is missing."),
                changed("topic: \"orders.*\"", "topic: \"\"", 7, "routes[0].topic is empty."),
                changed("batch: 100", "batch: many", 10, "relay.batch: 'many' is no whole number from 1 to 5000."),
                changed("batch: 100", "batch: 0", 10, "relay.batch: '0' is no whole number from 1 to 5000."),
                changed("port: 0", "port: 65536", 11, "console.port: '65536' is no whole number from 0 to 65535."),
                changed("factor: 3", "factor: NaN", 9, "retry.factor: 'NaN' is no number."),
                changed("jitter: 0.1", "jitter: 7", 9, "retry: jitter is 7.0: a share from 0 to 1 is expected."),
                changed(
                        "lease: 5s",
                        "lease: 5",
                        10,
                        "relay.lease: '5' is no duration; write a number with ms, s, m, h or d, such as 5s."),
                changed(
                        "concurrency: 20",
                        "concurrency: 0",
                        4,
                        "transports.web.concurrency: '0' is no whole number from 1 to 1000000."),
                changed("rate: 50", "rate: -1", 4, "transports.web: rate is -1.0: a number above 0 is expected."),
                changed(
                        "in-flight-size: 8MB",
                        "in-flight-size: 8",
                        10,
                        "relay.in-flight-size: '8' is no size; write a number with KB, MB or GB, such as 64MB."),
                changed(
                        "failed: skip",
                        "failed: jump",
                        7,
                        "routes[0].on-error.failed: 'jump' is no retry or dead or skip or hold."),
                changed(
                        "0 0 4 * * ?",
                        "0 0 4 * *",
                        12,
                        "housekeeping.history: '0 0 4 * *' is no Quartz cron expression; write seconds, minutes, hours,"
                                + " days, months and weekdays, such as \"0 30 3 * * ?\", or off."),
                changed("ledger:", "leger:", 12, "unknown key housekeeping.leger; did you mean 'ledger'?"),
                changed("on-dead: hold", "on-dead: halt", 7, "routes[0].on-dead: 'halt' is no skip or hold."),
                changed("name: orders-relay", "name: [a]", 1, "name is no text."),
                changed(
                        "web, on-dead",
                        "wbe, on-dead",
                        7,
                        "routes[0].to: there is no transport 'wbe'; did you mean 'web'?"),
                changed(
                        "web:   { type: \"null\"",
                        "web:   { type: pigeon",
                        4,
                        "transports.web.type: there is no transport of type 'pigeon'; known are null."),
                changed(
                        "${HOST}",
                        "${NO_HOST}",
                        4,
                        "transports.web.url needs the environment variable NO_HOST, which is not set."),
                changed(
                        "${HOST}",
                        "${NO HOST}",
                        4,
                        "transports.web.url: what stands between ${ and } is no name of an environment variable."),
                changed(
                        "port: 0",
                        "port: \"${DB_PASSWORD}\"",
                        11,
                        "console.port: '${DB_PASSWORD}' is no whole number from 0 to 65535."),
                changed("name: orders-relay", "name: a\nname: b", 2, "the key name is written twice."),
                changed("user: bida", "user: *x", 2, "aliases (*x) are not read; write the value out."));
    }

    @ParameterizedTest
    @MethodSource
    void oneThingWrong(String yaml, int line, String sentence) throws IOException {
        assertThat(refusal(yaml)).isEqualTo(folder.resolve("relay.yaml") + ", line " + line + ": " + sentence);
    }

    static Stream<Arguments> noConfigurationAtAll() {
        return Stream.of(
                arguments("", " is empty."),
                arguments("# later\n", " is empty."),
                arguments("- a\n", ", line 1: expected keys such as name: and database:."),
                arguments("just text\n", ", line 1: expected keys such as name: and database:."),
                arguments("a: b: c\n", ", line 1, column 5: this is no YAML: mapping values are not allowed here."),
                arguments("a: [1\nb: 2\n", ", line 2, column 2: this is no YAML: expected ',' or ']', but got :."),
                arguments(GOOD + "---\na: 1\n", ", line 14: a second document begins; only one is read."));
    }

    @ParameterizedTest
    @MethodSource
    void noConfigurationAtAll(String yaml, String end) throws IOException {
        assertThat(refusal(yaml)).isEqualTo(folder.resolve("relay.yaml") + end);
    }

    @Test
    void allThatIsWrongIsToldAtOnceInTheOrderOfTheFile() throws IOException {
        String yaml =
                GOOD.replace("user:", "usr:").replace("batch: 100", "batch: x").replace("name: ", "nam: ");

        assertThat(refusal(yaml).lines().map(line -> line.substring(line.indexOf(", line") + 2)))
                .containsExactly(
                        "line 1: name is missing.",
                        "line 1: unknown key nam; did you mean 'name'?",
                        "line 2: unknown key database.usr; did you mean 'user'?",
                        "line 10: relay.batch: 'x' is no whole number from 1 to 5000.");
    }

    private static Arguments changed(String from, String to, int line, String sentence) {
        assertThat(GOOD).contains(from);
        return arguments(GOOD.replace(from, to), line, sentence);
    }

    private String refusal(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("relay.yaml"), yaml);
        Map<String, String> variables = Map.of("DB_PASSWORD", "topsecret", "HOST", "sink");
        BidaException refusal = catchThrowableOfType(
                BidaException.class, () -> RelayConfiguration.read(file, variables::get, Transports.ofThisProcess()));
        assertThat(refusal).isNotNull();
        String sentences = String.valueOf(refusal.getMessage());
        assertThat(sentences).doesNotContain("topsecret");
        return sentences;
    }
}
