package io.bida.outbox;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import io.bida.message.RefusedException;
import io.bida.outbox.ActionPreview.Group;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The operator's door to a queue, by default the outbox: finds undelivered messages, says what became of one, and decides
 * about them. It needs the database only, no relay and no application. Thread-safe.
 *
 * <p>Looking is served by indexes or bounded, one second a statement. A change goes through what a filter fits from the
 * oldest on, in transactions of a few hundred messages; it counts what a message is when it is locked, so one change may
 * run beside relays and beside another, and running it again changes what is left. What was changed, by whom and why
 * stands in {@code bida_audit}, written in the same transactions.
 */
public final class OutboxAdmin {

    private static final int BATCH = 200;
    private static final int SAMPLES = 5;
    private static final int ATTEMPTS = 5;
    private static final Duration LOCK_WAIT = Duration.ofSeconds(3);
    private static final Duration STUCK = Duration.ofSeconds(10);
    private static final Duration LONGEST_DELAY = Duration.ofDays(3_660);
    private static final int MOST = 1_000;
    private static final int PREVIEW_LOOKS = 20;
    private static final String QUERY_CANCELED = "57014";

    private final DataSource dataSource;
    private final DurableQueue queue;

    private OutboxAdmin(DataSource dataSource, DurableQueue queue) {
        this.dataSource = dataSource;
        this.queue = queue;
    }

    public static OutboxAdmin on(DataSource dataSource) {
        return on(dataSource, DurableQueue.OUTBOX);
    }

    public static OutboxAdmin on(DataSource dataSource, DurableQueue queue) {
        return new OutboxAdmin(dataSource, queue);
    }

    /**
     * The messages that a filter fits, oldest first.
     *
     * @param after the number after which to begin; null for the beginning
     * @param limit at most that many, up to 1,000
     */
    public MessagePage find(MessageFilter filter, @Nullable Long after, int limit) {
        if (limit < 1 || limit > MOST) {
            throw new RefusedException("A page holds 1 to " + MOST + " messages, not " + limit + ".");
        }
        return with((dialect, handle) ->
                new MessageSearch(dialect, queue).find(handle, filter, after == null ? Long.MIN_VALUE : after, limit));
    }

    /** What the tables know of one message. */
    public MessageTrace trace(MessageId id) {
        return with((dialect, handle) -> new TraceReader(dialect, queue).read(handle, id));
    }

    /** What an undelivered message carries; that it was looked at is recorded first. Empty when it is not there. */
    public Optional<MessageTrace.Content> reveal(MessageId id, Operator operator) {
        return with((dialect, handle) -> {
            TraceReader traces = new TraceReader(dialect, queue);
            Optional<StoredMessage> message = traces.message(handle, id);
            message.ifPresent(found -> new AuditLog(
                            "reveal", queue, MessageFilter.ALL.and(new MessageFilter.InnerId(id)), operator)
                    .add(handle, 1));
            return message.flatMap(found -> traces.content(handle, found));
        });
    }

    /** What an action would change, counted up to {@link ActionPreview#MOST}; changes nothing. */
    public ActionPreview preview(MessageAction action, MessageFilter filter) {
        MessageFilter scope = action.scope(filter);
        return with((dialect, handle) -> preview(
                handle, new MessageSearch(dialect, queue), new TraceReader(dialect, queue).now(handle), action, scope));
    }

    /**
     * Sends what is DEAD or waits for its next attempt now; what is SCHEDULED or CANCELLED when the filter names its
     * state or one id. A dead or cancelled message begins a new series of attempts; the earlier ones stay on record.
     * Answers how many.
     */
    public long retry(MessageFilter filter, Operator operator) {
        return change(MessageAction.RETRY, filter, Duration.ZERO, operator);
    }

    /** Sends what is SCHEDULED or RETRY after that time, and what is DEAD or CANCELLED when it is named. */
    public long delay(MessageFilter filter, Duration delay, Operator operator) {
        if (delay.isNegative() || delay.compareTo(LONGEST_DELAY) > 0) {
            throw new RefusedException(
                    "A delay lies between now and in ten years, not " + delay + "; nothing was changed.");
        }
        return change(MessageAction.DELAY, filter, delay, operator);
    }

    /**
     * Takes back what is undelivered, and what is DEAD when it is named: kept as CANCELLED, sent no more. What a relay has
     * in flight at that moment may still be delivered, and is gone then.
     */
    public long cancel(MessageFilter filter, Operator operator) {
        return change(MessageAction.CANCEL, filter, Duration.ZERO, operator);
    }

    /** Deletes what is DEAD or CANCELLED, for good. */
    public long discard(MessageFilter filter, Operator operator) {
        return change(MessageAction.DISCARD, filter, Duration.ZERO, operator);
    }

    // Looking.

    private static ActionPreview preview(
            Handle handle, MessageSearch search, Instant now, MessageAction action, MessageFilter scope) {
        Map<Group, Long> groups =
                new TreeMap<>(Comparator.comparing(Group::state).thenComparing(Group::topic));
        List<StoredMessage> samples = new ArrayList<>();
        long messages = 0;
        long keyed = 0;
        long expired = 0;
        Instant oldest = null;
        Long next = Long.MIN_VALUE;
        for (int look = 0; look < PREVIEW_LOOKS && next != null && messages < ActionPreview.MOST; look++) {
            MessagePage page = search.find(handle, scope, next, MOST);
            for (StoredMessage each : page.messages()) {
                groups.merge(new Group(each.state(), each.topic()), 1L, Long::sum);
                messages++;
                keyed += each.orderingKey() == null ? 0 : 1;
                expired += each.expiresAt() != null && each.expiresAt().isBefore(now) ? 1 : 0;
                oldest = earlier(oldest, each.createdAt());
                if (samples.size() < SAMPLES) {
                    samples.add(each);
                }
            }
            next = page.next();
        }
        return new ActionPreview(action, groups, next != null, samples, keyed, expired, oldest, now);
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isBefore(b) ? a : b;
    }

    // Changing.

    private long change(MessageAction action, MessageFilter filter, Duration delay, Operator operator) {
        MessageFilter scope = action.scope(filter);
        AuditLog audit = new AuditLog(action.word(), queue, filter, operator);
        return with((dialect, handle) -> {
            MessageSearch search = new MessageSearch(dialect, queue);
            Set<MessageId> promoted = new HashSet<>();
            long changed = 0;
            Long next = Long.MIN_VALUE;
            while (next != null) {
                try {
                    MessagePage page = search.find(handle, scope, next, BATCH);
                    next = page.next();
                    if (page.messages().isEmpty()) {
                        continue;
                    }
                    Written written = transact(dialect, handle, () -> {
                        ChangeWriter writer = new ChangeWriter(dialect, queue, handle, operator, scope);
                        int rows = writer.change(action, delay, page.messages(), promoted);
                        return new Written(rows, writer.promoted(), audit.add(handle, rows));
                    });
                    promoted.addAll(written.promoted());
                    audit.goOn(written.entry());
                    changed += written.rows();
                } catch (SQLException | RuntimeException e) {
                    if (changed == 0) {
                        throw e;
                    }
                    throw brokenOff(changed, e);
                }
            }
            return changed;
        });
    }

    /** What was committed before stays, and whoever asked for it would take it for undone. */
    private static BidaException brokenOff(long changed, Exception cause) {
        SQLException fault = fault(cause);
        String reason = fault == null ? "The change was broken off: " + cause.getMessage() : sentence(fault);
        return new BidaException(
                reason + " " + changed
                        + " messages were changed before, and stay so; the same again changes what is left."
                        + " bida_audit has their number.",
                cause);
    }

    /**
     * What one transaction wrote.
     *
     * @param entry of the audit; null when there is none yet
     */
    private record Written(
            int rows, Set<MessageId> promoted, @Nullable Long entry) {}

    /** Repeats what was rolled back in favour of a relay. */
    private static Written transact(Dialect dialect, Handle handle, Supplier<Written> work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try (OwnTransaction transaction = OwnTransaction.begin(handle.getConnection(), dialect)) {
                Written written = work.get();
                transaction.commit();
                return written;
            } catch (RuntimeException e) {
                SQLException fault = fault(e);
                if (fault == null || !dialect.isRollback(fault) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    // The connection.

    private interface Work<T> {
        T with(Dialect dialect, Handle handle) throws SQLException;
    }

    private <T> T with(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(true);
            Dialect dialect = Dialect.of(connection);
            execute(connection, dialect.bound(LOCK_WAIT, STUCK));
            try {
                return work.with(dialect, Jdbi.open(connection));
            } finally {
                giveBack(connection, dialect, autoCommit);
            }
        } catch (BidaException e) {
            throw e;
        } catch (SQLException e) {
            throw new BidaException(sentence(e), e);
        } catch (RuntimeException e) {
            SQLException fault = fault(e);
            throw fault == null ? e : new BidaException(sentence(fault), e);
        }
    }

    private static void giveBack(Connection connection, Dialect dialect, boolean autoCommit) {
        try {
            execute(connection, dialect.unbound());
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            // It was broken already, and what broke it is told.
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static @Nullable SQLException fault(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    private static String sentence(SQLException fault) {
        boolean late = fault instanceof SQLTimeoutException || QUERY_CANCELED.equals(fault.getSQLState());
        return late
                ? "The database did not answer within a second, and was not asked further: narrow the filter, by state,"
                        + " key or biz-id."
                : "The tables could not be asked: " + ended(String.valueOf(fault.getMessage()));
    }

    private static String ended(String words) {
        return words.endsWith(".") ? words : words + ".";
    }
}
