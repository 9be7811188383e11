package io.bida.relay;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
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
    private final List<String> begin;
    private final List<String> end;
    /** Longer, and it is given back: a server may end it. */
    private final long idle;

    private volatile @Nullable Handle handle;
    private long usedAt;
    /** The isolation that the connection came with, and is given back with: not every pool sees to that. */
    private int before;

    private Session(DataSource dataSource, int isolation, List<String> begin, List<String> end) {
        this(dataSource, isolation, begin, end, Duration.ofDays(1));
    }

    private Session(DataSource dataSource, int isolation, List<String> begin, List<String> end, Duration idle) {
        this.dataSource = dataSource;
        this.isolation = isolation;
        this.begin = begin;
        this.end = end;
        this.idle = idle.toNanos();
    }

    static Session readCommitted(DataSource dataSource, Dialect dialect) {
        return prepared(dataSource, dialect.planByIndex(), dialect.planFreely());
    }

    /** At READ COMMITTED; waits for no lock longer than that, and has its own freed by the server when it is stuck. */
    static Session bounded(DataSource dataSource, Dialect dialect, Duration lockWait, Duration stuck) {
        return new Session(
                dataSource,
                Connection.TRANSACTION_READ_COMMITTED,
                both(dialect.planByIndex(), dialect.bound(lockWait, stuck)),
                both(dialect.planFreely(), dialect.unbound()),
                stuck.dividedBy(2));
    }

    /** At READ COMMITTED, with statements for each connection that it takes, and others before that is given back. */
    static Session prepared(DataSource dataSource, List<String> begin, List<String> end) {
        return new Session(dataSource, Connection.TRANSACTION_READ_COMMITTED, begin, end);
    }

    static Session readUncommitted(DataSource dataSource, Dialect dialect) {
        return new Session(
                dataSource, Connection.TRANSACTION_READ_UNCOMMITTED, dialect.planByIndex(), dialect.planFreely());
    }

    private static List<String> both(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /** Each statement by itself. */
    <T> T query(Function<Handle, T> work) {
        return with(true, work);
    }

    /** All statements in one transaction. */
    <T> T transact(Function<Handle, T> work) {
        return with(false, transaction -> {
            T result = work.apply(transaction);
            try {
                transaction.getConnection().commit();
            } catch (SQLException e) {
                throw new IllegalStateException("The commit failed: " + e.getMessage(), e);
            }
            return result;
        });
    }

    /** The connection, without auto-commit; who uses it closes the session after a failure. */
    Connection connection() {
        return open(false).getConnection();
    }

    private <T> T with(boolean autoCommit, Function<Handle, T> work) {
        boolean done = false;
        try {
            T result = work.apply(open(autoCommit));
            done = true;
            usedAt = System.nanoTime();
            return result;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** To be called now and then where there is nothing to do. */
    void rest() {
        if (handle != null && System.nanoTime() - usedAt > idle) {
            close();
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
                before = connection.getTransactionIsolation();
                connection.setTransactionIsolation(isolation);
                connection.setAutoCommit(true);
                execute(connection, begin);
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

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        if (!statements.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
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
                connection.setAutoCommit(true);
            }
            execute(connection, end);
            connection.setTransactionIsolation(before);
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
