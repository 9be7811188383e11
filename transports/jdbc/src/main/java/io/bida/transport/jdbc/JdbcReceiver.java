package io.bida.transport.jdbc;

import io.bida.message.Message;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the messages of one consumer group from {@code bida_inbox_queue}, one after another in the order of their
 * insertion. Thread-safe.
 *
 * <ol>
 *   <li>The due rows are read; a row whose ordering key is held by an earlier one is passed over.
 *   <li>The intake gets the message, while no transaction of the receiver is open.
 *   <li>Handled or duplicate: the row is deleted. A crash before that gives the message again, as a duplicate.
 *   <li>Retry: the row stays, due again after a growing wait, and holds its key until then.
 *   <li>Rejected, conflict, expired or unreadable: the row is parked as DEAD with the reason.
 * </ol>
 *
 * <p>One receiver per group keeps the order of the keys. Several handle each message once all the same, because the
 * inbox sees to that, but they do not share the work and may overtake each other within a key.
 */
public final class JdbcReceiver implements Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(JdbcReceiver.class);
    private static final int PAGE = 100;

    private final Jdbi jdbi;
    private final String group;
    private final Intake intake;
    private final IntFunction<Duration> backoff;
    private final Map<Long, Integer> attempts = new HashMap<>();
    private final Waits waits = new Waits();
    private final Thread thread;
    private volatile boolean closed;
    private boolean failing;

    private JdbcReceiver(DataSource database, String group, Intake intake, IntFunction<Duration> backoff) {
        this.jdbi = Jdbi.create(database);
        this.group = ReceiverQueue.checkedGroup(group);
        this.intake = intake;
        this.backoff = backoff;
        this.thread = new Thread(this::run, "bida-jdbc-receiver-" + group);
    }

    /** Begins to give the messages of the group to the intake. */
    public static JdbcReceiver start(DataSource database, String group, Intake intake) {
        return start(database, group, intake, Waits::beforeAttempt);
    }

    static JdbcReceiver start(DataSource database, String group, Intake intake, IntFunction<Duration> backoff) {
        JdbcReceiver receiver = new JdbcReceiver(database, group, intake, backoff);
        receiver.thread.start();
        return receiver;
    }

    /** Looks at the table now: a message was committed. */
    public void wake() {
        waits.wake();
    }

    @Override
    public void close() {
        closed = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                boolean worked = looked();
                if (!closed) {
                    waits.await(worked);
                }
            }
        } catch (InterruptedException e) {
            LOG.info("Receiver of group {}: interrupted; it takes no more messages.", group);
        }
    }

    private boolean looked() {
        try {
            boolean worked = turn();
            if (failing) {
                failing = false;
                LOG.info("Receiver of group {}: the database answers again.", group);
            }
            return worked;
        } catch (RuntimeException | SQLException e) {
            if (!failing) {
                failing = true;
                LOG.warn("Receiver of group {}: the queue cannot be used; it is tried again until it can.", group, e);
            }
            return false;
        }
    }

    /** Goes through all rows that are due. */
    private boolean turn() throws SQLException {
        // Before the rows: a row that becomes due between the two reads then holds its key once more, not too little.
        Map<String, Long> held = inTransaction((queue, tx) -> queue.heldKeys(tx));
        boolean worked = false;
        long after = Long.MIN_VALUE;
        List<ReceiverQueue.Row> page;
        do {
            long from = after;
            page = inTransaction((queue, tx) -> queue.due(tx, from, PAGE));
            worked |= takePage(page, held);
            after = page.isEmpty() ? after : page.get(page.size() - 1).seq();
        } while (page.size() == PAGE && !closed);
        return worked;
    }

    private boolean takePage(List<ReceiverQueue.Row> page, Map<String, Long> held) throws SQLException {
        List<Long> done = new ArrayList<>();
        boolean worked = false;
        try {
            for (ReceiverQueue.Row row : page) {
                if (!closed && !waitsForItsKey(row, held)) {
                    take(row, held, done);
                    worked = true;
                }
            }
        } finally {
            if (!done.isEmpty()) {
                change((queue, tx) -> queue.remove(tx, done));
                attempts.keySet().removeAll(done);
            }
        }
        return worked;
    }

    private static boolean waitsForItsKey(ReceiverQueue.Row row, Map<String, Long> held) {
        Long first = row.orderingKey() == null ? null : held.get(row.orderingKey());
        return first != null && first < row.seq();
    }

    private void take(ReceiverQueue.Row row, Map<String, Long> held, List<Long> done) throws SQLException {
        Message message = row.message();
        Answer answer = message == null ? new Answer.Rejected(row.fault()) : answer(message);
        if (answer instanceof Answer.Handled || answer instanceof Answer.Duplicate) {
            done.add(row.seq());
        } else if (answer instanceof Answer.Retry retry) {
            if (row.orderingKey() != null) {
                held.putIfAbsent(row.orderingKey(), row.seq());
            }
            int made = attempts.merge(row.seq(), 1, Integer::sum);
            Duration wait = retry.after() == null ? backoff.apply(made) : retry.after();
            change((queue, tx) -> queue.defer(tx, row.seq(), wait));
        } else {
            park(row, message, answer instanceof Answer.Conflict c ? c.reason() : ((Answer.Rejected) answer).reason());
        }
    }

    private void park(ReceiverQueue.Row row, @Nullable Message message, String reason) throws SQLException {
        Integer earlier = attempts.remove(row.seq());
        int made = (earlier == null ? 0 : earlier) + (message == null ? 0 : 1);
        change((queue, tx) -> queue.park(tx, row.seq(), made, reason));
        LOG.warn("Receiver of group {}: the message at seq {} is parked as DEAD: {}", group, row.seq(), reason);
    }

    private Answer answer(Message message) {
        try {
            return intake.receive(message);
        } catch (RuntimeException e) {
            LOG.warn("Receiver of group {}: message {} will be given again.", group, message.id(), e);
            return new Answer.Retry(e.toString());
        }
    }

    private void change(Change change) throws SQLException {
        inTransaction((queue, tx) -> {
            change.on(queue, tx);
            return true;
        });
    }

    private <T> T inTransaction(Work<T> work) throws SQLException {
        try (Handle handle = jdbi.open()) {
            Dialect dialect = Dialect.of(handle.getConnection());
            try (OwnTransaction own = OwnTransaction.begin(handle.getConnection(), dialect)) {
                T result = work.on(new ReceiverQueue(dialect, group), handle);
                own.commit();
                return result;
            }
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(ReceiverQueue queue, Handle tx);
    }

    @FunctionalInterface
    private interface Change {
        void on(ReceiverQueue queue, Handle tx);
    }
}
