package io.bida.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/** The command: one table out. */
@Command(
        name = "benchmarks/run",
        scope = ScopeType.INHERIT,
        usageHelpAutoWidth = true,
        description = "What the engine reaches of the raw limit of the same server in the same run.",
        subcommands = {
            All.class,
            Producer.class,
            Consumer.class,
            Purge.class,
            Drain.class,
            Carried.class,
            Backlog.class,
            Sustained.class,
            Latency.class,
            Idle.class,
            Turn.class,
            Statements.class,
            Footprint.class,
            Isolation.class,
            Charts.class,
        })
public final class Benchmarks implements Runnable {

    private static final int DEFAULT_ROUNDS = 5;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "tells the options")
    @SuppressWarnings("UnusedVariable") // Its option is asked for, not its value.
    private boolean help;

    @Option(names = "--server", scope = ScopeType.INHERIT, description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Server server = Server.MARIADB;

    @Option(names = "--rounds", scope = ScopeType.INHERIT, description = "of each side (${DEFAULT-VALUE})")
    private int rounds = DEFAULT_ROUNDS;

    @Option(names = "--markdown", scope = ScopeType.INHERIT, description = "prints the table as Markdown")
    private boolean markdown;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "writes all values to a file, for charts")
    private @Nullable Path json;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        Benchmarks benchmarks = new Benchmarks();
        return new CommandLine(benchmarks)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(benchmarks::execute);
    }

    /** Alone it does nothing. */
    @Override
    public void run() {
        commandLine().usage(System.err);
    }

    private int execute(ParseResult parsed) {
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped != null) {
            return helped;
        }
        Object command = command(parsed);
        if (command instanceof All all) {
            return measure(all.plan().stream().map(this::withRounds).toList());
        }
        if (command instanceof Measurement) {
            return measure(List.of(String.join(" ", parsed.originalArgs())));
        }
        return new RunLast().execute(parsed);
    }

    /** A line of a plan that does not say how many takes what was said for all. */
    private String withRounds(String line) {
        return rounds == DEFAULT_ROUNDS || line.contains("--rounds") ? line : line + " --rounds " + rounds;
    }

    static ParseResult parse(String line) {
        return commandLine().parseArgs(line.split(" "));
    }

    /** What the last word that names a command stands for. */
    static Object command(ParseResult parsed) {
        List<CommandLine> chain = parsed.asCommandLineList();
        return chain.get(chain.size() - 1).getCommand();
    }

    /** Takes one command line after the other on one server, and prints one table. */
    private int measure(List<String> lines) {
        Table table = new Table();
        try (Bench bench = new Bench(server)) {
            for (String line : lines) {
                measure(bench, line, table);
            }
            return print(Results.of(server, bench.description(), table), table);
        } catch (Exception e) {
            throw new IllegalStateException("The run came to no end: " + e.getMessage(), e);
        }
    }

    /** One that fails is a row too, and does not end the others. */
    private static void measure(Bench bench, String line, Table table) {
        System.err.println(line);
        try {
            ParseResult parsed = parse(line);
            int rounds = ((Benchmarks) parsed.commandSpec().userObject()).rounds;
            ((Measurement) command(parsed)).measure(new Run(bench, rounds, line, table));
        } catch (Exception e) {
            table.add(Row.failed(line, String.valueOf(e.getMessage())));
        }
    }

    private int print(Results results, Table table) throws IOException {
        System.out.println(results.date() + ", " + results.machine() + "\n");
        System.out.println(markdown ? table.markdown() : table.text());
        if (json != null) {
            results.write(json);
        }
        return 0;
    }
}
