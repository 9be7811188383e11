package io.bida.relay;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * One loop's own connection, kept as long as it works, so that its settings cost nothing per statement. Any failure
 * closes it, which rolls back; the next use opens another. For one thread at a time.
 */
final class Session implements AutoCloseable {

    private final DataSource dataSource;
    private final int isolation;
    private volatile @Nullable Handle handle;

    private Session(DataSource dataSource, int isolation) {
        this.dataSource = dataSource;
        this.isolation = isolation;
    }

    static Session readCommitted(DataSource dataSource) {
        return new Session(dataSource, Connection.TRANSACTION_READ_COMMITTED);
    }

    static Session readUncommitted(DataSource dataSource) {
        return new Session(dataSource, Connection.TRANSACTION_READ_UNCOMMITTED);
    }

    /** Each statement by itself. */
    <T> T query(Function<Handle, T> work) {
        return with(true, work);
    }

    /** All statements in one transaction. */
    void transact(Consumer<Handle> work) {
        with(false, transaction -> {
            work.accept(transaction);
            try {
                transaction.getConnection().commit();
            } catch (SQLException e) {
                throw new IllegalStateException("The commit failed: " + e.getMessage(), e);
            }
            return true;
        });
    }

    private <T> T with(boolean autoCommit, Function<Handle, T> work) {
        boolean done = false;
        try {
            T result = work.apply(open(autoCommit));
            done = true;
            return result;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private Handle open(boolean autoCommit) {
        Handle kept = handle;
        if (kept != null) {
            return kept;
        }
        try {
            Connection connection = dataSource.getConnection();
            try {
                connection.setTransactionIsolation(isolation);
                connection.setAutoCommit(autoCommit);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            Handle opened = Jdbi.open(connection);
            handle = opened;
            return opened;
        } catch (SQLException e) {
            throw new IllegalStateException("No connection: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Handle old = handle;
        handle = null;
        if (old == null) {
            return;
        }
        try (Connection connection = old.getConnection()) {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        } catch (SQLException e) {
            // It was broken already: closing is all that is left.
        }
    }

    /** Ends the connection under a statement that does not end by itself; from any thread. */
    void abort() {
        Handle stuck = handle;
        if (stuck != null) {
            try {
                stuck.getConnection().abort(Runnable::run);
            } catch (SQLException e) {
                // It was broken already, which is as good.
            }
        }
    }
}
