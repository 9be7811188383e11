package io.bida.console;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        description = "Brings Bida's tables up to this version, beside whatever else the schema holds. Idempotent.")
@SuppressWarnings("NullAway.Init")
final class MigrateCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private final DatabaseOptions database;

    MigrateCommand(Environment.Variables variables) {
        this.database = new DatabaseOptions(variables);
    }

    @Override
    public Integer call() {
        var err = spec.commandLine().getErr();
        spec.commandLine().getOut().println(Migration.run(database.settings(), PATIENCE, err::println));
        return 0;
    }
}
