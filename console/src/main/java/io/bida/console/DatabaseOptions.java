package io.bida.console;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that speaks to a database directly. */
final class DatabaseOptions {

    private final Environment.Variables variables;

    @Option(
            names = "--url",
            required = true,
            paramLabel = "JDBC",
            description = "The database, such as jdbc:mariadb://127.0.0.1:3306/orders.")
    private String url = "";

    @Option(names = "--user", paramLabel = "USER", description = "Who asks.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "PASSWORD",
            description = "The user's password; without it, the environment's BIDA_PASSWORD.")
    private @Nullable String password;

    DatabaseOptions(Environment.Variables variables) {
        this.variables = variables;
    }

    DatabaseSettings settings() {
        return new DatabaseSettings(url, user, password == null ? variables.get("BIDA_PASSWORD") : password);
    }
}
