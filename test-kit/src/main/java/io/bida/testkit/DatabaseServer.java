package io.bida.testkit;

import io.bida.message.BidaException;
import io.bida.sql.Dialect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A real database server without Docker. The first start on a machine unpacks and installs the server into a cache of the
 * user; later starts copy the installed data. Thread-safe.
 */
public abstract sealed class DatabaseServer extends LocalServer permits MariaDbServer, MySqlServer, PostgreSqlServer {

    static final String USER = "bida";
    static final String PASSWORD = "bida-secret";

    private final Dialect dialect;

    DatabaseServer(String dialect) {
        super(dialect);
        this.dialect = Dialect.named(dialect);
    }

    public final Dialect dialect() {
        return dialect;
    }

    /** The address of a database of this server; with an empty name, of none in particular. */
    public abstract String jdbcUrl(String database);

    /** A user who may do everything, over TCP, with {@link #password()}. */
    public final String user() {
        return USER;
    }

    public final String password() {
        return PASSWORD;
    }

    /** Creates an empty database. */
    public final void createDatabase(String name) {
        try (Connection connection = DriverManager.getConnection(serverUrl(), USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new BidaException("The database " + name + " was not created: " + e.getMessage(), e);
        }
    }

    /** Creates a database of a new name with Bida's schema in it. */
    public final TestDatabase freshDatabase() {
        return TestDatabase.create(dialect, serverUrl(), USER, PASSWORD);
    }

    /** The server's first start, on a copy of the installed data. */
    final void startWith(ServerTemplate template) {
        try {
            Folders.copy(template.data(), data());
            Folders.create(temporary());
            begin();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The address of no database in particular, for a driver that is there. */
    String serverUrl() {
        return jdbcUrl("");
    }

    final Path data() {
        return folder().resolve("data");
    }

    final Path temporary() {
        return folder().resolve("tmp");
    }
}
