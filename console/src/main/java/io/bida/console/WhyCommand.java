package io.bida.console;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = "Says in one sentence why a message is where it is.")
@SuppressWarnings("NullAway.Init")
final class WhyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private final QueueOptions database;

    @Parameters(paramLabel = "ID", description = "The message id.")
    private String id;

    WhyCommand(Environment.Variables variables) {
        this.database = new QueueOptions(variables);
    }

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(Why.sentence(ShowCommand.known(database, id), database.option()));
        return 0;
    }
}
