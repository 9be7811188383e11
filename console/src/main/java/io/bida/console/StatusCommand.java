package io.bida.console;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "How the outbox stands: the oldest due message, counts (up to 10,000), relays and leases.")
@SuppressWarnings("NullAway.Init")
final class StatusCommand implements Callable<Integer> {

    private static final int SECONDS = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOption output = new OutputOption();

    StatusCommand(Environment.Variables variables) {
        this.database = new DatabaseOptions(variables);
    }

    @Override
    public Integer call() {
        Status status = ask(new Login(database.settings()));
        var out = spec.commandLine().getOut();
        out.print(output.isJson() ? StatusReport.json(status) : StatusReport.table(status));
        out.flush();
        return 0;
    }

    private static Status ask(Login login) {
        try (Connection connection = login.connect(SECONDS)) {
            return new StatusQuery(connection).ask();
        } catch (SQLException e) {
            throw login.explain(e);
        }
    }
}
