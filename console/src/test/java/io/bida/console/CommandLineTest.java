package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.RefusedException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What the command line says and how it ends, whatever the command. */
class CommandLineTest {

    private final Cli cli = new Cli();

    @Test
    void helpIsNoError() {
        Cli.Said said = cli.run("--help");

        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("relay", "migrate", "status", "schema", "version");
        assertThat(said.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version"})
    void theVersionIsPrinted(String word) {
        assertThat(cli.run(word))
                .matches(said -> said.code() == 0 && said.out().matches("Bida \\d+\\.\\d+\\.\\d+\\S*\n"));
    }

    @Test
    void aMisspeltCommandIsAUsageErrorThatNamesTheNearest() {
        assertThat(cli.run("migrte")).isEqualTo(new Cli.Said(2, "", """
                                Unmatched argument at index 0: 'migrte'
                                Did you mean: bida migrate?
                                Run 'bida --help' for how it is used.
                                """));
    }

    @Test
    void noCommandIsAUsageError() {
        assertThat(cli.run())
                .isEqualTo(new Cli.Said(2, "", "A command is missing.\nRun 'bida --help' for how it is used.\n"));
    }

    @Test
    void aMissingOptionIsAUsageError() {
        assertThat(cli.run("migrate")).isEqualTo(new Cli.Said(2, "", """
                                Missing required option: '--url=JDBC'
                                Run 'bida migrate --help' for how it is used.
                                """));
    }

    @Test
    void anUnexpectedExceptionIsOneSentence() {
        assertThat(fail("fail"))
                .isEqualTo(new Cli.Said(
                        1, "", "Unexpected: IllegalStateException: at jdbc:x?password=***; run again with --debug.\n"));
    }

    @Test
    void debugShowsWhereItArose() {
        assertThat(fail("fail", "--debug").err()).contains("at " + CommandLineTest.class.getName());
    }

    @Test
    void aRefusalHasItsOwnExitCode() {
        assertThat(fail("refuse")).isEqualTo(new Cli.Said(4, "", "Not without a filter.\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb", "postgresql", "h2"})
    void theSchemaIsPrintedAsPlainSql(String dialect) {
        Cli.Said said = cli.run("schema", "print", "--dialect", dialect);

        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("CREATE TABLE bida_outbox (");
    }

    @Test
    void anUnknownDialectIsAnErrorThatNamesTheKnownOnes() {
        assertThat(cli.run("schema", "print", "--dialect", "oracle"))
                .isEqualTo(new Cli.Said(
                        1,
                        "",
                        "There is no schema for 'oracle'; there is one for mysql, mariadb, postgresql and h2.\n"));
    }

    private static Cli.Said fail(String... arguments) {
        return Cli.run(
                BidaCommand.commandLine().addSubcommand(new Fail()).addSubcommand(new CommandLine(new Refuse())),
                arguments);
    }

    @Command(name = "fail")
    private static final class Fail implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new IllegalStateException("at jdbc:x?password=topsecret");
        }
    }

    @Command(name = "refuse")
    private static final class Refuse implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new RefusedException("Not without a filter.");
        }
    }
}
