package io.bida.stored;

import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.relay.Limits;
import io.bida.relay.Pickup;
import io.bida.relay.Relay;
import io.bida.relay.RelayListener;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
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
 * <p>The third step is done by threads of its own, or, where it is {@link Builder#polled}, by those that {@link #poll}.
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
    private final Function<Claim.Sendable, Receipt> door;
    private final @Nullable Workers workers;
    private final @Nullable Pickup pickup;
    private final Relay relay;
    private volatile boolean started;
    private volatile boolean closed;

    private StoredInbox(
            Builder builder, DataSource database, DurableQueue rows, Function<Claim.Sendable, Answer> door) {
        this.group = builder.group;
        this.jdbi = Jdbi.create(database);
        this.queue = new InboxQueue(group);
        this.door = door.andThen(Workers::receipt);
        Relay.Builder mover = builder.relay
                .name(group)
                .dataSource(database)
                .queue(rows)
                .inFlight(builder.inFlight())
                .route(builder.holdOnDead ? new Route("**", HANDLER).holdingOnDead() : new Route("**", HANDLER));
        if (builder.polled) {
            workers = null;
            pickup = new Pickup();
            mover.pickup(HANDLER, pickup, builder.limits());
        } else {
            workers = new Workers(group, builder.concurrency(), this.door);
            pickup = null;
            mover.sender(HANDLER, workers, builder.limits());
        }
        this.relay = mover.build();
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
     * Begins to handle what is stored, or to have it ready to be polled, and returns.
     *
     * @throws BidaException when it was closed, or the database cannot be reached or has no Bida tables
     */
    public void start() {
        if (closed) {
            throw wasClosed();
        }
        relay.start();
        started = true;
    }

    /**
     * Handles messages on this thread, one after the other, each in a transaction of its own; any number of threads and
     * processes may poll, and messages of one ordering key still go one after another. What is stored and ready for this
     * process waits until it is polled: a few hundred messages in memory, which are handled even when they expire there,
     * the others in the table.
     *
     * <p>A process that has not polled for a minute leaves its share of the shards to the others of the group; it asks for
     * it again with its next poll, and has it within seconds.
     *
     * @param most messages, from 1
     * @param wait at most for the first one; those after it are not waited for. Nothing: only what is ready now
     * @return how many were given to the handler, whether it took them or failed: what failed is retried as everywhere. 0
     *     when none came in time, it is paused, or it was closed meanwhile
     * @throws InterruptedException when this thread was interrupted and nothing was taken
     * @throws BidaException when it was not built with {@link Builder#polled}, was not started, or was closed
     */
    public int poll(int most, Duration wait) throws InterruptedException {
        Pickup ready = ready(most);
        int taken = 0;
        try {
            while (taken < most && ready.fetch(taken == 0 ? wait : Duration.ZERO, door)) {
                taken++;
            }
        } catch (InterruptedException e) {
            if (taken == 0) {
                throw e;
            }
            Thread.currentThread().interrupt();
        }
        return taken;
    }

    private Pickup ready(int most) {
        if (pickup == null) {
            throw new BidaException("The stored inbox of group " + group
                    + " handles messages on threads of its own; to poll it, build it with polled().");
        }
        if (closed) {
            throw wasClosed();
        }
        if (!started) {
            throw new BidaException("The stored inbox of group " + group + " was not started; call start() first.");
        }
        if (most < 1) {
            throw new BidaException("most is " + most + ": a whole number from 1 is expected.");
        }
        return pickup;
    }

    private BidaException wasClosed() {
        return new BidaException("The stored inbox of group " + group + " was closed; build another one.");
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

    /**
     * Handles nothing more, waits for what is being handled, and gives the leases back. What was not polled stays as it
     * was stored. For good.
     */
    @Override
    public void close() {
        closed = true;
        if (pickup != null) {
            pickup.close();
        }
        relay.close();
        if (workers != null) {
            workers.close();
        }
    }

    /** Collects what a stored inbox needs; {@link #build} says what is missing. Not thread-safe. */
    public static final class Builder {

        private static final int CONCURRENCY = 8;
        private static final int MOST_IN_FLIGHT = 2_000;
        /** Where nobody may come for them: they are out of date the longer they wait, and in memory. */
        private static final int MOST_POLLED = 500;

        private static final int SECONDS_IN_FLIGHT = 5;
        private static final Duration NO_DEADLINE = Duration.ofDays(365);

        private final String group;
        private final Relay.Builder relay = Relay.builder();
        private @Nullable DataSource database;
        private @Nullable Handler handler;
        private @Nullable Intake intake;
        private UnaryOperator<Inbox.Builder> settings = UnaryOperator.identity();
        private int concurrency;
        private boolean polled;
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

        /**
         * No threads of its own: messages are handled by whoever calls {@link StoredInbox#poll}, as many at a time as
         * threads do.
         */
        public Builder polled() {
            this.polled = true;
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
            if (polled && concurrency != 0) {
                throw new BidaException(
                        "The stored inbox of group " + group
                                + " is polled: as many messages are handled at a time as threads poll. Leave concurrency(...) out.");
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

        private int concurrency() {
            return concurrency == 0 ? CONCURRENCY : concurrency;
        }

        /** A process that joins has its share of the shards when what was claimed of it is handled: in seconds. */
        private int inFlight() {
            int most = polled ? MOST_POLLED : MOST_IN_FLIGHT;
            double soon = perSecond == 0 ? most : Math.min(most, perSecond * SECONDS_IN_FLIGHT);
            return Math.max(polled ? 1 : concurrency(), (int) soon);
        }

        private Limits limits() {
            return new Limits(polled ? 0 : concurrency(), perSecond, NO_DEADLINE, Limits.DEFAULT.breaker());
        }
    }
}
