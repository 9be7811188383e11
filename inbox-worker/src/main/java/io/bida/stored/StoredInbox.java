package io.bida.stored;

import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.relay.Limits;
import io.bida.relay.Relay;
import io.bida.relay.RelayListener;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbox of one consumer group in stored mode: what comes is persisted and acknowledged at once, and handled after.
 * Any number of processes share the work of a group. Thread-safe.
 *
 * <ol>
 *   <li>{@link #receive} inserts the message into {@code bida_inbox_queue}; a message id that is there is a duplicate.
 *   <li>A relay claims it from there, by the leases of the group's shards, one message of an ordering key at a time.
 *   <li>In one transaction its row is locked, the ledger is written, the handler runs, and the row is removed.
 *   <li>What was not handled is parked: to be retried when it is due, its key held behind it; or dead, with the reason.
 * </ol>
 *
 * <p>A worker that lost its leases finds the row gone, moved or locked, or the message in the ledger: the effects are
 * committed once. While it runs it holds six connections of its data source, and one for each message being handled.
 *
 * <pre>{@code
 * StoredInbox inbox = StoredInbox.forGroup("points").on(dataSource).handler((tx, m) -> addPoints(tx, m)).build();
 * inbox.start();
 * HttpReceiver.to(inbox).open();
 * }</pre>
 */
public final class StoredInbox implements Intake, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoredInbox.class);
    private static final String HANDLER = "handler";

    private final String group;
    private final Jdbi jdbi;
    private final InboxQueue queue;
    private final Workers workers;
    private final Relay relay;

    private StoredInbox(
            Builder builder, DataSource database, DurableQueue rows, Function<Claim.Sendable, Answer> door) {
        this.group = builder.group;
        this.jdbi = Jdbi.create(database);
        this.queue = new InboxQueue(group);
        this.workers = new Workers(group, builder.concurrency, door);
        this.relay = builder.relay
                .name(group)
                .dataSource(database)
                .queue(rows)
                .inFlight(builder.inFlight())
                .sender(HANDLER, workers, builder.limits())
                .route(builder.holdOnDead ? new Route("**", HANDLER).holdingOnDead() : new Route("**", HANDLER))
                .build();
    }

    /** @param consumerGroup who consumes: each group handles each message once; 1 to 64 characters */
    public static Builder forGroup(String consumerGroup) {
        return new Builder(consumerGroup);
    }

    /**
     * Stores the message, started or not.
     *
     * @return handled: it is stored; duplicate: it was there already; rejected: the table cannot take it; retry: it was not
     *     stored, or nobody knows
     */
    @Override
    public Answer receive(Message message) {
        try {
            boolean added = stored(message);
            relay.wake();
            return added ? new Answer.Handled() : new Answer.Duplicate();
        } catch (RefusedException e) {
            return new Answer.Rejected(String.valueOf(e.getMessage()));
        } catch (SQLException | JdbiException e) {
            Throwable cause = e instanceof JdbiException && e.getCause() != null ? e.getCause() : e;
            String reason = "Group " + group + ": message " + message.id() + " was not stored: " + cause.getMessage();
            LOG.warn("{}", reason);
            return isFaultOfValues(cause) ? new Answer.Rejected(reason) : new Answer.Retry(reason);
        }
    }

    private boolean stored(Message message) throws SQLException {
        try (Handle tx = jdbi.open()) {
            Dialect dialect = Dialect.of(tx.getConnection());
            try (OwnTransaction own = OwnTransaction.begin(tx.getConnection(), dialect)) {
                boolean added = queue.add(tx, dialect, message);
                own.commit();
                return added;
            }
        }
    }

    /** The database judges the values themselves: SQL states 22 (data) and 23 (constraints). */
    private static boolean isFaultOfValues(Throwable cause) {
        String state = cause instanceof SQLException e ? e.getSQLState() : null;
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    /**
     * Begins to handle what is stored, and returns.
     *
     * @throws BidaException when it was closed, or the database cannot be reached or has no Bida tables
     */
    public void start() {
        if (workers.isClosed()) {
            throw new BidaException("The stored inbox of group " + group + " was closed; build another one.");
        }
        relay.start();
    }

    /** Looks for messages at once, because some were stored by another way than {@link #receive}. Never blocks. */
    public void wake() {
        relay.wake();
    }

    /** Handles nothing more until {@link #resume}; what is being handled comes to its end. Messages are stored on. */
    public void pause() {
        relay.pause();
    }

    public void resume() {
        relay.resume();
    }

    /** Whether it was started and all its threads run. */
    public boolean isLive() {
        return relay.isLive();
    }

    /** Whether it is live and its leases are current, so that messages are being handled. */
    public boolean isReady() {
        return relay.isReady();
    }

    /** Handles nothing more, waits for what is being handled, and gives the leases back. For good. */
    @Override
    public void close() {
        relay.close();
        workers.close();
    }

    /** Collects what a stored inbox needs; {@link #build} says what is missing. Not thread-safe. */
    public static final class Builder {

        private static final int MOST_IN_FLIGHT = 2_000;
        private static final int SECONDS_IN_FLIGHT = 5;
        private static final Duration NO_DEADLINE = Duration.ofDays(365);

        private final String group;
        private final Relay.Builder relay = Relay.builder();
        private @Nullable DataSource database;
        private @Nullable Handler handler;
        private @Nullable Intake intake;
        private UnaryOperator<Inbox.Builder> settings = UnaryOperator.identity();
        private int concurrency = 8;
        private double perSecond;
        private boolean holdOnDead;

        private Builder(String group) {
            this.group = group;
        }

        /** The database with the queue, the ledger, and what the handler's effects go to. */
        public Builder on(DataSource database) {
            this.database = database;
            return this;
        }

        /** What is done with each message, in the transaction that removes it; from several threads. */
        public Builder handler(Handler handler) {
            this.handler = handler;
            return this;
        }

        /**
         * Instead of a handler: who is given each message while no transaction is open. The message is removed after the
         * answer, so a crash between gives it again.
         */
        public Builder intake(Intake intake) {
            this.intake = intake;
            return this;
        }

        /** Settings of the ledger, such as its retention. */
        public Builder inbox(UnaryOperator<Inbox.Builder> settings) {
            this.settings = settings;
            return this;
        }

        /** Messages handled at a time in this process, from 1; 8 by default. */
        public Builder concurrency(int messages) {
            if (messages < 1) {
                throw new BidaException("concurrency is " + messages + ": a whole number from 1 is expected.");
            }
            this.concurrency = messages;
            return this;
        }

        /** Messages handled per second in this process, so that a peak is spread out; as many as there are by default. */
        public Builder perSecond(double messages) {
            this.perSecond = messages;
            return this;
        }

        /** When a message that was not handled is handled again. */
        public Builder retry(RetryPolicy retry) {
            relay.retry(retry);
            return this;
        }

        /** A dead message keeps its ordering key until an operator decides; by default the key goes on. */
        public Builder holdingOnDead() {
            this.holdOnDead = true;
            return this;
        }

        /** How long a shard stays with a process that is not heard of; 10 s by default, at least 1 s. */
        public Builder lease(Duration lease) {
            relay.lease(lease);
            return this;
        }

        /** How long {@link StoredInbox#close} waits for what is being handled; 10 s by default. */
        public Builder shutdown(Duration shutdown) {
            relay.shutdown(shutdown);
            return this;
        }

        /** Told what is done; the one destination is called {@code handler}. */
        public Builder listener(RelayListener listener) {
            relay.listener(listener);
            return this;
        }

        public StoredInbox build() {
            if (database == null) {
                throw new BidaException(
                        "The stored inbox of group " + group + " has no database; name it with on(...).");
            }
            if (handler != null && intake == null) {
                DurableQueue rows = DurableQueue.ofGroup(group, true);
                Inbox inbox = settings.apply(Inbox.forGroup(group).on(database)).build();
                return new StoredInbox(
                        this, database, rows, new Door(Jdbi.create(database), rows, inbox, handler)::handle);
            }
            if (intake != null && handler == null) {
                Intake receiver = intake;
                DurableQueue rows = DurableQueue.ofGroup(group, false);
                return new StoredInbox(this, database, rows, claim -> receiver.receive(claim.message()));
            }
            throw new BidaException(
                    "The stored inbox of group " + group + " needs one of handler(...) and intake(...).");
        }

        /** A process that joins has its share of the shards when what was claimed of it is handled: in seconds. */
        private int inFlight() {
            double soon = perSecond == 0 ? MOST_IN_FLIGHT : Math.min(MOST_IN_FLIGHT, perSecond * SECONDS_IN_FLIGHT);
            return Math.max(concurrency, (int) soon);
        }

        private Limits limits() {
            return new Limits(concurrency, perSecond, NO_DEADLINE, Limits.DEFAULT.breaker());
        }
    }
}
