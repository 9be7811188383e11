package io.bida.inbox;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving door of one consumer group. Thread-safe.
 *
 * <ol>
 *   <li>A transaction begins at READ COMMITTED.
 *   <li>The message is registered in the ledger under group, scene and biz-id. Whoever registers the same one at that
 *       moment is waited for.
 *   <li>It was there already: the same payload is a duplicate, another one a conflict; nothing is done.
 *   <li>It is new: the handler runs on the same connection.
 *   <li>Commit, and only then the answer, which a receiver turns into its acknowledgement. A transaction that the
 *       database gave up for another one is repeated a few times; any other failure leaves nothing behind, and the
 *       message is to be delivered again.
 * </ol>
 */
public final class Inbox {

    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

    private final String group;
    private final Judge judge;
    private final Jdbi jdbi;
    private final Duration retention;
    private final int repeats;
    private final Backoff backoff;
    private final AnswerCounter counter = new AnswerCounter();
    private volatile @Nullable InboxStore store;

    private Inbox(Builder builder, Jdbi jdbi) {
        this.group = builder.group;
        this.judge = new Judge(builder.group);
        this.jdbi = jdbi;
        this.retention = builder.retention;
        this.repeats = builder.repeats;
        this.backoff = builder.backoff;
    }

    /** @param consumerGroup who consumes: each group handles each message once; 1 to 64 characters */
    public static Builder forGroup(String consumerGroup) {
        return new Builder(consumerGroup);
    }

    /**
     * Handles the message in a transaction of its own, on a connection of its own, which is handed back as it was.
     * Throws nothing: whatever goes wrong is an answer.
     */
    public Answer handle(Message message, Handler handler) {
        return concluded(message, repeated(message, handler));
    }

    /**
     * Handles the message in the caller's transaction; what is answered holds when the caller commits. The answers are
     * those of {@link #handle(Message, Handler)}, and whichever it is, the transaction can go on: an answer other than
     * handled has left nothing in it (a savepoint sees to that). A deadlock is not repeated here.
     *
     * @throws BidaException when auto-commit is on, or when the transaction is lost and must be rolled back
     */
    public Answer handle(Connection tx, Message message, Handler handler) {
        try (Handle handle = Jdbi.create(tx).open()) {
            handle.getConfig(Handles.class).setForceEndTransactions(false);
            return handle(handle, message, handler);
        }
    }

    /** The same as {@link #handle(Connection, Message, Handler)}, in the transaction of a Jdbi handle. */
    public Answer handle(Handle tx, Message message, Handler handler) {
        Savepoint before = begun(tx.getConnection());
        try {
            Answer answer = registered(tx, storeOn(tx), message, handler);
            tx.getConnection().releaseSavepoint(before);
            return concluded(message, answer);
        } catch (Throwable failure) {
            undo(tx.getConnection(), before, failure);
            return concluded(message, judge.failed(message, failure));
        }
    }

    /** For receivers: each message is handled as {@link #handle(Message, Handler)} does. */
    public Intake intake(Handler handler) {
        return message -> handle(message, handler);
    }

    /** How often each answer was given. */
    public InboxCounts counts() {
        return counter.counts();
    }

    private Answer repeated(Message message, Handler handler) {
        for (int repeat = 0; ; repeat++) {
            try {
                return inOwnTransaction(message, handler);
            } catch (Throwable failure) {
                if (!isRollback(failure) || repeat == repeats || !paused(repeat)) {
                    return judge.failed(message, failure);
                }
            }
        }
    }

    private Answer inOwnTransaction(Message message, Handler handler) throws Exception {
        try (Handle tx = jdbi.open()) {
            InboxStore ledger = storeOn(tx);
            Connection connection = tx.getConnection();
            try (OwnTransaction own = OwnTransaction.begin(connection, ledger.dialect())) {
                Savepoint whole = ledger.dialect().refusesAfterError() ? null : connection.setSavepoint();
                Answer answer = registered(tx, ledger, message, handler);
                checkWhole(connection, whole);
                commit(own, ledger.dialect());
                return answer;
            }
        }
    }

    private Answer registered(Handle tx, InboxStore ledger, Message message, Handler handler) throws Exception {
        byte[] hash = message.payload().hash();
        if (ledger.register(tx, message, hash)) {
            handler.handle(tx, message);
            return new Answer.Handled();
        }
        Optional<byte[]> earlier = ledger.earlierHash(tx, message);
        if (earlier.isEmpty()) {
            throw new Judge.LostTransaction("the earlier entry of the ledger went away while it was looked at", null);
        }
        return Arrays.equals(earlier.get(), hash)
                ? new Answer.Duplicate()
                : judge.conflict(message, hash, earlier.get());
    }

    private Savepoint begun(Connection connection) {
        try {
            if (connection.getAutoCommit()) {
                throw new BidaException("The connection given to the inbox of group " + group
                        + " is in auto-commit, so registering and handling would not be one transaction; nothing was"
                        + " done. Begin a transaction, or leave the connection out.");
            }
            return connection.setSavepoint();
        } catch (SQLException e) {
            throw new BidaException(
                    "Group " + group + ": the transaction given to the inbox cannot be used; nothing was done. "
                            + Judge.cause(e),
                    e);
        }
    }

    private void undo(Connection connection, Savepoint before, Throwable failure) {
        try {
            connection.rollback(before);
        } catch (SQLException e) {
            failure.addSuppressed(e);
            throw new BidaException(
                    "Group " + group + ": the transaction given to the inbox is lost; roll it back, and have the"
                            + " message delivered again. " + Judge.cause(failure),
                    failure);
        }
    }

    /**
     * A handler may swallow the error of a failed statement. After a deadlock MySQL then goes on without all that was
     * done before, the ledger entry too; the savepoint tells, for it is gone. After any error PostgreSQL would answer
     * the commit with a rollback; it refuses the statement.
     */
    private static void checkWhole(Connection connection, @Nullable Savepoint whole) {
        try {
            if (whole != null) {
                connection.releaseSavepoint(whole);
            } else {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SELECT 1");
                }
            }
        } catch (SQLException e) {
            throw new Judge.LostTransaction(
                    "a statement of the handler failed, the transaction with it, and the handler" + " went on", e);
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

    private Answer concluded(Message message, Answer answer) {
        counter.count(answer);
        if (answer instanceof Answer.Conflict conflict) {
            LOG.warn("{}", conflict.reason());
        } else if (answer instanceof Answer.Rejected rejected) {
            LOG.warn("{} was rejected for good: {}", judge.named(message), rejected.reason());
        }
        return answer;
    }

    private boolean isRollback(Throwable failure) {
        InboxStore known = store;
        return failure instanceof Judge.LostTransaction
                || (known != null && Judge.isRollback(failure, known.dialect()));
    }

    private boolean paused(int repeat) {
        try {
            backoff.pause(repeat);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The first connection tells which database it is, so an inbox can be built while the database is down. */
    private InboxStore storeOn(Handle tx) throws SQLException {
        InboxStore known = store;
        if (known == null) {
            known = new InboxStore(Dialect.of(tx.getConnection()), group, retention);
            store = known;
        }
        return known;
    }

    /** Collects what an inbox needs. Not thread-safe. */
    public static final class Builder {

        private static final Duration LONGEST = Duration.ofDays(36_500);

        private final String group;
        private @Nullable Jdbi jdbi;
        private Duration retention = Duration.ofDays(30);
        private int repeats = 3;
        private Backoff backoff = Backoff.JITTERED;

        private Builder(String group) {
            this.group = checkedGroup(group);
        }

        /** The receiver's database: the one that the handler's effects go to. */
        public Builder on(DataSource dataSource) {
            return on(Jdbi.create(dataSource));
        }

        /** The receiver's database: the one that the handler's effects go to. */
        public Builder on(Jdbi jdbi) {
            this.jdbi = jdbi;
            return this;
        }

        /** How long a handled message is remembered; not shorter than the longest possible replay. Default 30 days. */
        public Builder retention(Duration retention) {
            if (retention.isNegative() || retention.isZero() || retention.compareTo(LONGEST) > 0) {
                throw new BidaException("The retention of an inbox is more than nothing and at most 36500 days, not "
                        + retention + ".");
            }
            this.retention = retention;
            return this;
        }

        /** How often a transaction that lost against another one is repeated before the answer is retry. Default 3. */
        public Builder repeats(int repeats) {
            if (repeats < 0) {
                throw new BidaException("The repeats of an inbox cannot be negative: " + repeats + ".");
            }
            this.repeats = repeats;
            return this;
        }

        Builder backoff(Backoff backoff) {
            this.backoff = backoff;
            return this;
        }

        public Inbox build() {
            if (jdbi == null) {
                throw new BidaException("The inbox of group " + group + " has no database; name it with on(...).");
            }
            return new Inbox(this, jdbi);
        }

        private static String checkedGroup(String group) {
            int length = group.codePointCount(0, group.length());
            if (length < 1 || length > 64) {
                throw new BidaException(
                        "A consumer group has 1 to 64 characters, not " + length + ": '" + group + "'.");
            }
            if (!group.equals(group.strip()) || group.codePoints().anyMatch(Builder::cannotBeStored)) {
                throw new BidaException("A consumer group has no spaces around it and no control characters: '"
                        + group.replaceAll("\\p{Cntrl}", "?") + "'.");
            }
            return group;
        }

        private static boolean cannotBeStored(int character) {
            return Character.isISOControl(character) || Character.getType(character) == Character.SURROGATE;
        }
    }
}
