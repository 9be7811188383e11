package io.bida.console;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 ok, 1 error, 2 usage, 3 a check found a problem, 4 refused. */
@Command(
        name = "bida",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.class,
        description = "A transactional outbox and inbox: a message, once committed, always arrives.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit codes: 0 ok, 1 error, 2 usage, 3 a check found a problem, 4 refused."})
@SuppressWarnings("NullAway.Init")
public final class BidaCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where an error arose, as a stack trace.")
    private boolean debug;

    BidaCommand() {}

    /** All commands, with their error handling; more may be added. */
    public static CommandLine commandLine() {
        return commandLine(System::getenv);
    }

    static CommandLine commandLine(Environment.Variables variables) {
        BidaCommand root = new BidaCommand();
        Failures failures = new Failures(() -> root.debug);
        return new CommandLine(root)
                .addSubcommand(new RelayCommand(variables))
                .addSubcommand(new MigrateCommand(variables))
                .addSubcommand(new StatusCommand(variables))
                .addSubcommand(new LsCommand(variables))
                .addSubcommand(new ShowCommand(variables))
                .addSubcommand(new WhyCommand(variables))
                .addSubcommand(new ActCommand.Retry(variables))
                .addSubcommand(new ActCommand.Delay(variables))
                .addSubcommand(new ActCommand.Cancel(variables))
                .addSubcommand(new ActCommand.Discard(variables))
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new VersionCommand())
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }
}
