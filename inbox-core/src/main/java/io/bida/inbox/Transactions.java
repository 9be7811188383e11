package io.bida.inbox;

import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Transactions of an inbox's own. Thread-safe. */
final class Transactions {

    private final Jdbi jdbi;
    private final String group;
    private final Duration retention;
    private volatile @Nullable Boolean readCommitted;
    private volatile @Nullable InboxStore store;

    Transactions(Jdbi jdbi, String group, Duration retention) {
        this.jdbi = jdbi;
        this.group = group;
        this.retention = retention;
    }

    /** What is done in one transaction. */
    @FunctionalInterface
    interface Work<T> {
        T on(Handle tx, InboxStore ledger) throws Exception;
    }

    /**
     * Does the work on a connection of its own, at READ COMMITTED, and commits it.
     *
     * @throws Judge.NoConnection when nothing was begun
     * @throws Judge.UnknownCommit when nobody knows whether it was committed; after any other exception it was not
     */
    <T> T commit(Work<T> work) throws Exception {
        try (Handle tx = open()) {
            InboxStore ledger = storeOn(tx);
            try (OwnTransaction own =
                    OwnTransaction.begin(tx.getConnection(), ledger.dialect(), isReadCommitted(tx.getConnection()))) {
                T result = work.on(tx, ledger);
                commit(own, ledger.dialect());
                return result;
            }
        }
    }

    /** Whether connections of their own begin at that anyway: the first one tells, because to ask costs a statement. */
    private boolean isReadCommitted(Connection own) throws SQLException {
        Boolean known = readCommitted;
        if (known == null) {
            known = own.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED;
            readCommitted = known;
            if (!own.getAutoCommit()) {
                own.rollback(); // The question began a transaction.
            }
        }
        return known;
    }

    /** The first connection tells which database it is, so an inbox can be built while the database is down. */
    InboxStore storeOn(Handle tx) throws SQLException {
        InboxStore known = store;
        if (known == null) {
            known = new InboxStore(Dialect.of(tx.getConnection()), group, retention);
            store = known;
        }
        return known;
    }

    /** Whether the database gave the transaction up for another one, so that repeating it may succeed. */
    boolean isRollback(Throwable failure) {
        InboxStore known = store;
        return failure instanceof Judge.LostTransaction
                || (known != null && Judge.isRollback(failure, known.dialect()));
    }

    private Handle open() {
        try {
            return jdbi.open();
        } catch (ConnectionException e) {
            throw new Judge.NoConnection(e);
        }
    }

    private static void commit(OwnTransaction own, Dialect dialect) throws SQLException {
        try {
            own.commit();
        } catch (SQLException e) {
            if (Judge.isRollback(e, dialect)) {
                throw e;
            }
            throw new Judge.UnknownCommit(e);
        }
    }
}
