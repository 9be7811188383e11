package io.bida.transport.jdbc;

import io.bida.message.Message;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.stored.InboxQueue;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Inserts messages into the queue of one consumer group in the receiver's database. Thread-safe.
 *
 * <p>Many messages go in one INSERT and one transaction; when a message spoils that, each goes on its own, so that each
 * has the receipt it deserves. A message that is in the queue already is accepted.
 */
public final class JdbcSender implements Sender {

    private static final int MAX_ROWS = 500;
    private static final long MAX_BYTES = 4L << 20;
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final DataSource database;
    private final String group;
    private final InboxQueue queue;
    private final Duration timeout;
    private final Runnable release;
    private final ExecutorService writers;
    private final Set<Flight> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param database a pool of the receiver's database; it is not closed here
     * @param group the consumer group that the messages are for
     * @param timeout of each statement
     * @param connections how many transactions may run at once
     */
    public JdbcSender(DataSource database, String group, Duration timeout, int connections) {
        this(database, group, timeout, connections, () -> {});
    }

    JdbcSender(DataSource database, String group, Duration timeout, int connections, Runnable release) {
        this.database = database;
        this.group = group;
        this.queue = new InboxQueue(group);
        this.timeout = timeout;
        this.release = release;
        this.writers = Executors.newFixedThreadPool(connections, work -> {
            Thread thread = new Thread(work, "bida-jdbc-sender-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<Flight> flights = messages.stream().map(Flight::new).toList();
        for (List<Flight> chunk : chunks(flights)) {
            underWay.addAll(chunk);
            try {
                writers.execute(() -> write(chunk));
            } catch (RejectedExecutionException e) {
                land(chunk, new Receipt.Failed("The sender is closed."));
            }
        }
        if (closed) {
            endUnderWay();
        }
        return flights.stream()
                .<CompletionStage<Receipt>>map(flight -> flight.receipt)
                .toList();
    }

    @Override
    public void close() {
        closed = true;
        writers.shutdownNow();
        endUnderWay();
        release.run();
    }

    private void endUnderWay() {
        land(List.copyOf(underWay), new Receipt.Unknown("The sender was closed before an answer came."));
    }

    private void write(List<Flight> chunk) {
        try {
            land(chunk, insert(chunk));
        } catch (RuntimeException | SQLException failure) {
            if (chunk.size() == 1 || isDown(failure)) {
                land(chunk, receipt(failure));
            } else {
                writeEach(chunk);
            }
        }
    }

    private void writeEach(List<Flight> chunk) {
        for (int i = 0; i < chunk.size(); i++) {
            List<Flight> one = List.of(chunk.get(i));
            try {
                land(one, insert(one));
            } catch (RuntimeException | SQLException failure) {
                if (isDown(failure)) {
                    // Each of the rest would wait for its own time-out.
                    land(chunk.subList(i, chunk.size()), receipt(failure));
                    return;
                }
                land(one, receipt(failure));
            }
        }
    }

    /** One transaction; the receipt is true of each of its messages. What is thrown left nothing there. */
    private Receipt insert(List<Flight> flights) throws SQLException {
        try (Handle handle = Jdbi.open(database)) {
            Connection connection = handle.getConnection();
            Dialect dialect = Dialect.of(connection);
            int networkTimeout = connection.getNetworkTimeout();
            // A server that fell silent would hold the thread for hours; the statement's own time-out comes first.
            connection.setNetworkTimeout(
                    Runnable::run, (int) timeout.plusSeconds(1).toMillis());
            try (OwnTransaction tx = OwnTransaction.begin(connection, dialect)) {
                queue.add(handle, dialect, flights.stream().map(Flight::message).toList(), timeout);
                return committed(tx, dialect);
            } finally {
                restore(connection, networkTimeout);
            }
        }
    }

    private Receipt committed(OwnTransaction tx, Dialect dialect) throws SQLException {
        try {
            tx.commit();
            return new Receipt.Accepted("bida_inbox_queue of group " + group);
        } catch (SQLException e) {
            if (dialect.isRollback(e)) {
                throw e;
            }
            return new Receipt.Unknown("The commit was not confirmed: " + e.getMessage());
        }
    }

    private static void restore(Connection connection, int networkTimeout) {
        try {
            connection.setNetworkTimeout(Runnable::run, networkTimeout);
        } catch (SQLException e) {
            // Only a connection that is lost refuses this.
        }
    }

    /** The database judges the values themselves: SQL states 22 (data) and 23 (constraints). */
    private static Receipt receipt(Exception failure) {
        SQLException cause = sqlCause(failure);
        String state = cause == null ? null : cause.getSQLState();
        String reason = "Not inserted: " + (cause == null ? failure : cause).getMessage();
        return state != null && (state.startsWith("22") || state.startsWith("23"))
                ? new Receipt.Rejected(reason)
                : new Receipt.Failed(reason, null, isDown(failure));
    }

    /** Whether the failure is the database's, so that one message alone would fare no better. */
    private static boolean isDown(Exception failure) {
        SQLException cause = sqlCause(failure);
        String state = cause == null ? null : cause.getSQLState();
        return failure instanceof ConnectionException
                || cause instanceof SQLTimeoutException
                || cause instanceof SQLNonTransientConnectionException
                || cause instanceof SQLTransientConnectionException
                || (state != null && (state.startsWith("08") || state.startsWith("57")));
    }

    private static @Nullable SQLException sqlCause(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    private void land(List<Flight> flights, Receipt receipt) {
        for (Flight flight : flights) {
            underWay.remove(flight);
            flight.receipt.complete(receipt);
        }
    }

    private static List<List<Flight>> chunks(List<Flight> flights) {
        List<List<Flight>> chunks = new ArrayList<>();
        int begin = 0;
        long bytes = 0;
        for (int i = 0; i < flights.size(); i++) {
            long size = flights.get(i).message.payload().size();
            if (i > begin && (i - begin == MAX_ROWS || bytes + size > MAX_BYTES)) {
                chunks.add(flights.subList(begin, i));
                begin = i;
                bytes = 0;
            }
            bytes += size;
        }
        if (begin < flights.size()) {
            chunks.add(flights.subList(begin, flights.size()));
        }
        return chunks;
    }

    /** One message on its way. */
    private static final class Flight {

        private final Message message;
        private final CompletableFuture<Receipt> receipt = new CompletableFuture<>();

        Flight(Message message) {
            this.message = message;
        }

        Message message() {
            return message;
        }
    }
}
