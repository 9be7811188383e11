package io.bida.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * One transaction at READ COMMITTED on a borrowed connection, which is handed back as it was. Rolled back when closed
 * before it was committed. Refused by the database when the connection is in a transaction already. Not thread-safe.
 */
public final class OwnTransaction implements AutoCloseable {

    private final Connection connection;
    private final boolean autoCommit;
    private boolean open = true;

    private OwnTransaction(Connection connection, boolean autoCommit) {
        this.connection = connection;
        this.autoCommit = autoCommit;
    }

    public static OwnTransaction begin(Connection connection, Dialect dialect) throws SQLException {
        return begin(connection, dialect, false);
    }

    /** @param readCommitted whether transactions on the connection are at READ COMMITTED already, which saves a statement */
    public static OwnTransaction begin(Connection connection, Dialect dialect, boolean readCommitted)
            throws SQLException {
        OwnTransaction begun = new OwnTransaction(connection, connection.getAutoCommit());
        try {
            if (begun.autoCommit) {
                connection.setAutoCommit(false);
            }
            if (!readCommitted) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(dialect.readCommitted());
                }
            }
            return begun;
        } catch (SQLException e) {
            begun.close();
            throw e;
        }
    }

    /** An exception that is no rollback in favour of another transaction leaves the outcome unknown. */
    public void commit() throws SQLException {
        connection.commit();
        open = false;
    }

    @Override
    public void close() {
        try {
            if (open) {
                connection.rollback();
            }
            if (autoCommit) {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            abandon();
        }
    }

    /** Auto-commit must not be switched on over work that could not be rolled back: that would commit it. */
    private void abandon() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is lost already, and the server rolls back what was open.
        }
    }
}
