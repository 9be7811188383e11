package io.bida.console;

import io.bida.sql.Dialect;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Bida's tables, for those who make them by hand.")
@SuppressWarnings("NullAway.Init")
final class SchemaCommand {

    @Spec
    private CommandSpec spec;

    @Command(name = "print", mixinStandardHelpOptions = true, description = "Prints the schema as plain SQL.")
    int print(
            @Option(
                            names = "--dialect",
                            defaultValue = "mysql",
                            paramLabel = "NAME",
                            description = "mysql (the default), mariadb, postgresql or h2.")
                    String dialect) {
        var out = spec.commandLine().getOut();
        out.print(Dialect.named(dialect).schema());
        out.flush();
        return 0;
    }
}
