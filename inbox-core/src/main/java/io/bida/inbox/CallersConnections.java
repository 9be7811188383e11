package io.bida.inbox;

import java.sql.Connection;
import java.util.Objects;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;

/**
 * Opens handles on connections of callers, whose transactions they leave alone. By one Jdbi for all: one for each would
 * parse every statement anew. Thread-safe.
 */
final class CallersConnections implements ConnectionFactory {

    private static final ThreadLocal<Connection> NEXT = new ThreadLocal<>();
    private static final Jdbi JDBI = Jdbi.create(new CallersConnections());

    static {
        JDBI.getConfig(Handles.class).setForceEndTransactions(false);
    }

    private CallersConnections() {}

    /** Closing the handle does not close the connection. */
    static Handle open(Connection connection) {
        NEXT.set(connection);
        try {
            return JDBI.open();
        } finally {
            NEXT.remove();
        }
    }

    @Override
    public Connection openConnection() {
        return Objects.requireNonNull(NEXT.get());
    }

    @Override
    public void closeConnection(Connection connection) {
        // It is the caller's.
    }
}
