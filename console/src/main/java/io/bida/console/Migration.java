package io.bida.console;

import io.bida.message.BidaException;
import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;

/** Brings a schema up to this version, beside whatever else is in it. Idempotent. */
public final class Migration {

    private static final String HISTORY = "bida_schema_history";

    private Migration() {}

    /**
     * Waits for the database as {@link Database#open} does, then migrates.
     *
     * @return what was done, in one sentence
     * @throws BidaException when it failed, with what to do
     */
    public static String run(DatabaseSettings settings, Duration patience, Consumer<String> progress) {
        Login login = new Login(settings);
        Database.await(login, patience, progress);
        try {
            return sentence(login, flyway(login, dialect(login)).migrate());
        } catch (SQLException e) {
            throw login.explain(e);
        } catch (FlywayException e) {
            throw new BidaException(
                    "The schema of " + login.url() + " was not brought up: "
                            + Secrets.hide(reason(e), settings.password()),
                    e);
        }
    }

    private static Dialect dialect(Login login) throws SQLException {
        try (Connection connection = login.connect(0)) {
            if (has(connection, "bida_outbox") && !has(connection, HISTORY)) {
                throw new BidaException("The database " + login.url() + " has Bida's tables but no " + HISTORY
                        + ": they were made by hand. Nothing was changed; go on by hand, with ./bida schema print.");
            }
            return Dialect.of(connection);
        }
    }

    private static boolean has(Connection connection, String table) throws SQLException {
        // Some store names as they are written, some in capitals.
        return hasExactly(connection, table) || hasExactly(connection, table.toUpperCase(Locale.ROOT));
    }

    private static boolean hasExactly(Connection connection, String table) throws SQLException {
        try (ResultSet tables = connection
                .getMetaData()
                .getTables(
                        connection.getCatalog(), connection.getSchema(), table, new String[] {"TABLE", "BASE TABLE"})) {
            return tables.next();
        }
    }

    private static Flyway flyway(Login login, Dialect dialect) {
        return Flyway.configure(Migration.class.getClassLoader())
                .dataSource(new LoginDataSource(login, 0))
                .locations("classpath:" + dialect.migrations())
                .table(HISTORY)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
    }

    private static String sentence(Login login, MigrateResult result) {
        String version = result.targetSchemaVersion == null ? result.initialSchemaVersion : result.targetSchemaVersion;
        return result.migrationsExecuted == 0
                ? "The schema of " + login.url() + " is up to date at version " + version + "; nothing to do."
                : "The schema of " + login.url() + " was brought to version " + version + " by "
                        + result.migrationsExecuted + (result.migrationsExecuted == 1 ? " migration." : " migrations.");
    }

    private static String reason(FlywayException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return String.valueOf(e.getMessage());
    }
}
