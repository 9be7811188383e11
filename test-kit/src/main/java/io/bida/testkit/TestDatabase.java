package io.bida.testkit;

import io.bida.message.BidaException;
import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A database of a test's own with Bida's schema in it, and how to reach it. Immutable and thread-safe. */
public record TestDatabase(Dialect dialect, String name, String url, String user, String password)
        implements AutoCloseable {

    /** By default the servers would wait a day or a year for a transaction that somebody left open. */
    private static final int MOST_SECONDS_FOR_LOCKS = 60;

    private static final String DATABASE_IN_URL = "^(jdbc:[a-z:]+//[^/]+)/[^?]*";
    private static final String END_OF_STATEMENT = ";[ \\t]*(\\r?\\n|$)";

    /**
     * Creates a database of a new name on a server.
     *
     * @param server the address of any database there
     */
    public static TestDatabase create(Dialect dialect, String server, String user, String password) {
        String name = "bida_" + UUID.randomUUID().toString().replace("-", "");
        TestDatabase database = new TestDatabase(dialect, name, withDatabase(server, name), user, password);
        try (Connection connection = DriverManager.getConnection(server, user, password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new BidaException("No test database could be created at " + server + ": " + e.getMessage(), e);
        }
        database.execute(dialect.schema());
        return database;
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    /** Runs the statements of a script, each ended by a semicolon at the end of a line. */
    public void execute(String script) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : script.split(END_OF_STATEMENT, -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        } catch (SQLException e) {
            throw new BidaException("A statement failed in " + name + ": " + e.getMessage(), e);
        }
    }

    /** Drops the database; on PostgreSQL with the connections that are left to it. */
    @Override
    public void close() {
        boolean postgresql = dialect.name().equals("postgresql");
        String server = withDatabase(url, postgresql ? "postgres" : "");
        try (Connection connection = DriverManager.getConnection(server, user, password);
                Statement statement = connection.createStatement()) {
            if (!postgresql) {
                statement.execute("SET SESSION lock_wait_timeout = " + MOST_SECONDS_FOR_LOCKS);
            }
            statement.execute("DROP DATABASE IF EXISTS " + name + (postgresql ? " WITH (FORCE)" : ""));
        } catch (SQLException e) {
            throw new BidaException("The test database " + name + " was not dropped: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return url;
    }

    private static String withDatabase(String url, String name) {
        return url.replaceFirst(DATABASE_IN_URL, "$1/" + name);
    }
}
