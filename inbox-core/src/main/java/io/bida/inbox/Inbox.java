package io.bida.inbox;

import io.bida.message.BidaException;
import io.bida.message.BizId;
import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
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
    private final Duration retention;
    private final Judge judge;
    private final Transactions transactions;
    private final int repeats;
    private final ConflictPolicy onConflict;
    private final Backoff backoff;
    private final AnswerCounter counter = new AnswerCounter();

    private Inbox(Builder builder, Jdbi jdbi) {
        this.group = builder.group;
        this.retention = builder.retention;
        this.judge = new Judge(builder.group);
        this.transactions = new Transactions(jdbi, builder.group, builder.retention);
        this.repeats = builder.repeats;
        this.onConflict = builder.onConflict;
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
        try {
            return concluded(handled(message, handler));
        } catch (Judge.NoConnection down) {
            return failed(message, down);
        }
    }

    /**
     * Handles many messages in one transaction of its own, at a fraction of what they cost one by one; 50 to 500 are a
     * good number. When it fails as a whole, all is rolled back and each is handled as {@link #handle(Message, Handler)} does,
     * and so none suffers for another: but a message whose ordering key has one before it in the list that is to be
     * delivered again is to be delivered again too, untried, so that it does not overtake.
     *
     * @param messages of which several may have one biz-id: the first is handled
     * @param handler is called for each in the order of the list; a {@link BatchHandler} for all together
     * @return one answer for each, in the order of the list
     */
    public List<Answer> handleAll(List<Message> messages, Handler handler) {
        if (messages.size() > 1) {
            try {
                List<Finding> findings =
                        transactions.commit((tx, ledger) -> new Batch(judge, messages).handle(tx, ledger, handler));
                return findings.stream().map(this::concluded).toList();
            } catch (Judge.NoConnection | Judge.UnknownCommit | InterruptedException failure) {
                return failed(messages, failure);
            } catch (Throwable failure) {
                LOG.info(
                        "Group {}: a batch of {} messages was rolled back, and they go one by one. {}",
                        group,
                        messages.size(),
                        Judge.cause(failure));
            }
        }
        return oneByOne(messages, handler);
    }

    /**
     * Handles the message in the caller's transaction; what is answered holds when the caller commits. The answers are
     * those of {@link #handle(Message, Handler)}, and whichever it is, the transaction can go on: an answer other than
     * handled has left nothing in it (a savepoint sees to that). A deadlock is not repeated here. A conflict is written down
     * on a connection of the inbox's own.
     *
     * @throws BidaException when auto-commit is on, or when the transaction is lost and must be rolled back
     */
    public Answer handle(Connection tx, Message message, Handler handler) {
        try (Handle handle = CallersConnections.open(tx)) {
            return handle(handle, message, handler);
        }
    }

    /** The same as {@link #handle(Connection, Message, Handler)}, in the transaction of a Jdbi handle. */
    public Answer handle(Handle tx, Message message, Handler handler) {
        Savepoint before = begun(tx.getConnection());
        Finding found;
        try {
            found = registered(tx, transactions.storeOn(tx), message, handler);
            tx.getConnection().releaseSavepoint(before);
        } catch (Throwable failure) {
            undo(tx.getConnection(), before, failure);
            return failed(message, failure);
        }
        return concluded(found);
    }

    /** For receivers: each message is handled as {@link #handle(Message, Handler)} does. */
    public Intake intake(Handler handler) {
        return message -> handle(message, handler);
    }

    /**
     * Deletes what is to be remembered no longer, of all groups, the oldest first: rows of the ledger, then conflicts, then
     * versions of entities that nothing has moved on. For services whose database has no relay; a relay's housekeeping does
     * this by itself. Call it now and then, and again while it answers {@code most}.
     *
     * @param most rows of one transaction; 1,000 is a good number, which no consumer notices
     * @return how many rows were deleted
     * @throws BidaException when the database refuses; the next call tries again
     */
    public int purge(int most) {
        try {
            return transactions.commit((tx, ledger) -> ledger.purge(tx, most));
        } catch (Exception e) {
            throw new BidaException(
                    "Group " + group + ": the ledger was not purged, and nothing that is needed is gone; the next purge"
                            + " tries again. " + Judge.cause(e),
                    e);
        }
    }

    /**
     * Forgets a message, for requests to erase personal data: its row of the ledger, its conflicts and, where it waits in
     * the durable queue or is parked, the message itself. A delivery after that is new and takes effect again.
     *
     * @return how many rows were deleted
     * @throws BidaException when it cannot be told that they were
     */
    public int erase(BizId bizId) {
        try {
            return transactions.commit((tx, ledger) -> new Eraser(ledger.dialect(), group).erase(tx, bizId));
        } catch (Exception e) {
            throw new BidaException(
                    "Group " + group + ": " + bizId + " may still be there; erase it again. " + Judge.cause(e), e);
        }
    }

    /**
     * A handler that leaves to the given one only what is newer than all that this group handled of the same entity. Anything
     * else is handled by skipping it, with an outcome that says so.
     *
     * <p>The newest version is kept in a row of its own for each group and entity, in {@code bida_inbox_version}, and moved
     * on in the handler's transaction: the row is locked from then on, so of two versions at once one waits for the other
     * and is then judged by what was committed. To read a version first and then to decide would let both pass. Where the
     * handler updates a single row with a version of its own, {@code UPDATE ... WHERE id = ? AND version < ?} does the same
     * without this. A row that nothing has moved on for longer than the retention is purged as the ledger is.
     *
     * @param version which entity and version a message tells of; a {@link io.bida.message.RefusedException} rejects it
     */
    public OutcomeHandler newerOnly(Function<Message, EntityVersion> version, Handler handler) {
        return new NewerOnly(group, retention, version, handler);
    }

    /** How often each answer was given. */
    public InboxCounts counts() {
        return counter.counts();
    }

    private List<Answer> oneByOne(List<Message> messages, Handler handler) {
        List<Answer> answers = new ArrayList<>(messages.size());
        Set<String> held = new HashSet<>();
        for (Message message : messages) {
            String key = message.orderingKey();
            try {
                Answer answer = key != null && held.contains(key)
                        ? concluded(message, judge.behind(message))
                        : concluded(handled(message, handler));
                if (key != null && answer instanceof Answer.Retry) {
                    held.add(key);
                }
                answers.add(answer);
            } catch (Judge.NoConnection down) {
                answers.addAll(failed(messages.subList(answers.size(), messages.size()), down));
                return answers;
            }
        }
        return answers;
    }

    private Finding handled(Message message, Handler handler) {
        try {
            return repeated((tx, ledger) -> registered(tx, ledger, message, handler));
        } catch (Judge.NoConnection down) {
            throw down;
        } catch (Throwable failure) {
            return new Finding(message, judged(message, failure));
        }
    }

    /** Repeats what the database gives up for another transaction. */
    private <T> T repeated(Transactions.Work<T> work) throws Exception {
        for (int repeat = 0; ; repeat++) {
            try {
                return transactions.commit(work);
            } catch (Exception failure) {
                if (!transactions.isRollback(failure) || repeat == repeats || !paused(repeat)) {
                    throw failure;
                }
            }
        }
    }

    private Finding registered(Handle tx, InboxStore ledger, Message message, Handler handler) throws Exception {
        if (ledger.register(tx, message)) {
            String outcome = Outcome.of(handler, tx, message);
            ledger.checkRegistered(tx, message);
            if (outcome != null) {
                ledger.keep(tx, Map.of(message.bizId(), outcome));
            }
            return new Finding(message, new Answer.Handled(outcome));
        }
        return ledger.earlier(tx, message)
                .map(entry -> judge.again(message, entry))
                .orElseThrow(() -> new Judge.LostTransaction(
                        "the earlier entry of the ledger went away while it was looked at", null));
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

    private Answer concluded(Finding found) {
        return found.answer() instanceof Answer.Conflict conflict && found.contradicted() != null
                ? concluded(found.message(), conflict, found.contradicted())
                : concluded(found.message(), found.answer());
    }

    /** It is written down first, in a transaction of its own, so that it stays visible whatever becomes of the message. */
    private Answer concluded(Message message, Answer.Conflict conflict, Entry earlier) {
        try {
            repeated((tx, ledger) -> ledger.note(tx, message, earlier));
        } catch (Throwable failure) {
            return failed(message, failure);
        }
        concluded(message, conflict);
        return onConflict.answer(conflict, earlier);
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

    private Answer failed(Message message, Throwable failure) {
        return concluded(message, judged(message, failure));
    }

    /** All of them for one reason, which is logged once. */
    private List<Answer> failed(List<Message> messages, Throwable failure) {
        keepInterrupt(failure);
        LOG.warn("Group {}: {} messages are to be delivered again.", group, messages.size(), failure);
        return messages.stream()
                .map(message -> concluded(message, judge.failed(message, failure)))
                .toList();
    }

    private Answer judged(Message message, Throwable failure) {
        keepInterrupt(failure);
        Answer answer = judge.failed(message, failure);
        if (answer instanceof Answer.Retry retry) {
            LOG.warn("{}", retry.reason(), failure);
        }
        return answer;
    }

    private static void keepInterrupt(Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
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

    /** Collects what an inbox needs. Not thread-safe. */
    public static final class Builder {

        private static final Duration LONGEST = Duration.ofDays(36_500);

        private final String group;
        private @Nullable Jdbi jdbi;
        private Duration retention = Duration.ofDays(30);
        private Duration longestReplay = Duration.ZERO;
        private int repeats = 3;
        private ConflictPolicy onConflict = ConflictPolicy.DEAD;
        private Backoff backoff = Backoff.JITTERED;

        private Builder(String group) {
            this.group = checkedGroup(group);
        }

        /**
         * The receiver's database: the one that the handler's effects go to. Fastest with a pool whose connections have
         * auto-commit off and are at READ COMMITTED: then a message costs one statement besides the handler's own.
         */
        public Builder on(DataSource dataSource) {
            return on(Jdbi.create(() -> WatchedConnection.of(dataSource.getConnection())));
        }

        /** The same with the plug-ins of a Jdbi; a message costs one statement more than on a data source. */
        public Builder on(Jdbi jdbi) {
            this.jdbi = jdbi;
            return this;
        }

        /**
         * How long a handled message is remembered, and so are conflicts and versions; not shorter than the longest possible
         * replay. Default 30 days.
         */
        public Builder retention(Duration retention) {
            if (retention.isNegative() || retention.isZero() || retention.compareTo(LONGEST) > 0) {
                throw new BidaException("The retention of an inbox is more than nothing and at most 36500 days, not "
                        + retention + ".");
            }
            this.retention = retention;
            return this;
        }

        /**
         * How long after a message was handled it may be delivered once more: the time that senders go on trying, and
         * that dead messages wait for somebody to replay them. Nothing unless told; {@link #build} refuses a retention
         * that is shorter, because a replay after it would take effect twice.
         */
        public Builder longestReplay(Duration longestReplay) {
            this.longestReplay = longestReplay;
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

        /** What is answered to a biz-id with another payload than before. Default {@link ConflictPolicy#DEAD}. */
        public Builder onConflict(ConflictPolicy policy) {
            this.onConflict = policy;
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
            if (retention.compareTo(longestReplay) < 0) {
                throw new BidaException("The inbox of group " + group + " forgets messages after " + retention
                        + ", but they may be replayed for " + longestReplay
                        + ", and would take effect twice; make the retention at least as long.");
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
