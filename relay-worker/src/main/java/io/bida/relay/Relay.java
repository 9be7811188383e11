package io.bida.relay;

import io.bida.message.BidaException;
import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships the messages of one outbox. Any number of relays, in any number of processes, share the work of one database.
 * Holds six connections of its data source while it runs, a seventh on PostgreSQL, and one more for a while after another
 * relay ended without giving its leases back. Thread-safe.
 *
 * <pre>{@code
 * Relay relay = Relay.builder().name("orders-relay").dataSource(dataSource)
 *         .sender("web", sender).route(new Route("**", "web")).build();
 * relay.start();
 * }</pre>
 */
public final class Relay implements AutoCloseable {

    /** The most messages per statement: a statement has at most 65,535 parameters, and a message up to nine. */
    public static final int MAX_BATCH = 5_000;

    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    private final RelaySettings settings;
    private final String node;
    private @Nullable Engine engine;
    private boolean paused;

    private Relay(RelaySettings settings) {
        this.settings = settings;
        this.node =
                head(settings.name(), 50) + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts the threads and returns.
     *
     * @throws BidaException when the database cannot be reached or has no Bida tables
     */
    public synchronized void start() {
        if (engine != null) {
            throw new BidaException(settings.name() + " is running already.");
        }
        Dialect dialect = inspect();
        engine = new Engine(settings, dialect, node);
        if (paused) {
            engine.pause(true);
        }
        engine.start();
        log.info("{}: started as node {} on {}.", settings.name(), node, dialect.name());
    }

    private Dialect inspect() {
        DurableQueue queue = settings.queue();
        try (Connection connection = settings.dataSource().getConnection()) {
            Dialect dialect = Dialect.of(connection);
            try (OwnTransaction transaction = OwnTransaction.begin(connection, dialect)) {
                if (!LeaseStore.prepare(Jdbi.open(connection), dialect, queue)) {
                    throw new BidaException("The table " + queue.leases() + " is empty; './bida migrate' fills it.");
                }
                transaction.commit();
            }
            return dialect;
        } catch (SQLException | JdbiException e) {
            Throwable cause = e instanceof JdbiException && e.getCause() != null ? e.getCause() : e;
            throw new BidaException(
                    settings.name() + ": " + queue.hot() + " cannot be used: " + cause.getMessage()
                            + " If its tables are missing, './bida migrate' creates them.",
                    e);
        }
    }

    /** Looks for new messages at once; for the producer in the same process. Never blocks. */
    public void wake() {
        Engine now = engine();
        if (now != null) {
            now.wake();
        }
    }

    /** Sends nothing more until {@link #resume}; what is under way comes to its end, and the shards are kept. */
    public void pause() {
        pause(true);
    }

    public void resume() {
        pause(false);
    }

    private synchronized void pause(boolean yes) {
        paused = yes;
        if (engine != null) {
            engine.pause(yes);
        }
    }

    /** Whether it was started and all its threads run. */
    public boolean isLive() {
        Engine now = engine();
        return now != null && now.isLive();
    }

    /** Whether it is live and its leases are current, so that messages are being shipped. */
    public boolean isReady() {
        Engine now = engine();
        return now != null && now.isReady();
    }

    private synchronized @Nullable Engine engine() {
        return engine;
    }

    /** Stops claiming, waits for the receipts under way, settles them and gives the leases back. Senders stay open. */
    @Override
    public void close() {
        Engine last;
        synchronized (this) {
            last = engine;
            engine = null;
        }
        if (last != null) {
            last.stop();
            log.info("{}: node {} settled what it could and gave its leases back.", settings.name(), node);
        }
    }

    private static String head(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    /** What a relay needs; {@link #build} says what is missing. Not thread-safe. */
    public static final class Builder {

        private String name = "relay";
        private @Nullable DataSource dataSource;
        private DurableQueue queue = DurableQueue.OUTBOX;
        private final Map<String, Destination> destinations = new LinkedHashMap<>();
        private final List<Route> routes = new ArrayList<>();
        private RetryPolicy retry = RetryPolicy.DEFAULT;
        private int batch = 500;
        private Duration lease = Duration.ofSeconds(10);
        private int inFlight = 2_000;
        private Duration history = Duration.ZERO;
        private Housekeeping housekeeping = Housekeeping.DEFAULT;
        private long inFlightSize = Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 8);
        private Duration shutdown = Duration.ofSeconds(10);
        private final List<RelayListener> listeners = new ArrayList<>();

        private Builder() {}

        /** The logical relay: begins its log lines, and is the source of messages that name none. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** Of the database with the outbox. */
        public Builder dataSource(DataSource dataSource) {
            this.dataSource = dataSource;
            return this;
        }

        /** What it ships; the outbox by default, which alone wakes its relay on PostgreSQL. */
        public Builder queue(DurableQueue queue) {
            this.queue = queue;
            return this;
        }

        /** A destination for routes; stays open when the relay closes. */
        public Builder sender(String name, Sender sender) {
            return sender(name, sender, Limits.DEFAULT);
        }

        /** A destination that is given no more than that. */
        public Builder sender(String name, Sender sender, Limits limits) {
            destinations.put(name, new Destination(name, sender, limits));
            return this;
        }

        /** A destination that knows the row of each message. */
        public Builder sender(String name, ClaimSender sender, Limits limits) {
            destinations.put(name, new Destination(name, sender, limits));
            return this;
        }

        /** A destination whose messages are fetched; it is closed by whoever made it. */
        public Builder pickup(String name, Pickup pickup, Limits limits) {
            destinations.put(name, new Destination(name, pickup, limits));
            return this;
        }

        /** The first route that takes a topic wins. */
        public Builder route(Route route) {
            routes.add(route);
            return this;
        }

        public Builder retry(RetryPolicy retry) {
            this.retry = retry;
            return this;
        }

        /** Messages per statement, from 1 to {@value #MAX_BATCH}; 500 by default. */
        public Builder batch(int batch) {
            this.batch = batch;
            return this;
        }

        /** How long a shard stays with a relay that is not heard of; 10 s by default, at least 1 s. */
        public Builder lease(Duration lease) {
            this.lease = lease;
            return this;
        }

        /** Messages between claim and settlement for each destination, from 1; 2,000 by default. */
        public Builder inFlight(int inFlight) {
            this.inFlight = inFlight;
            return this;
        }

        /**
         * Bytes of payload between claim and settlement, for all destinations; by default 64 MiB, or an eighth of the
         * memory that the process may have where that is less. A message with a larger payload cannot be sent.
         */
        public Builder inFlightSize(long bytes) {
            this.inFlightSize = bytes;
            return this;
        }

        /** How long delivered messages are remembered; zero, the default, records none. */
        public Builder history(Duration history) {
            this.history = history;
            return this;
        }

        /** When what is kept for a time only is removed; every few minutes to an hour by default. */
        public Builder housekeeping(Housekeeping housekeeping) {
            this.housekeeping = housekeeping;
            return this;
        }

        /** How long {@link Relay#close} waits for receipts; 10 s by default. */
        public Builder shutdown(Duration shutdown) {
            this.shutdown = shutdown;
            return this;
        }

        /** Told what the relay does; there may be several. */
        public Builder listener(RelayListener listener) {
            listeners.add(listener);
            return this;
        }

        public Relay build() {
            if (dataSource == null) {
                throw new BidaException(name + ": no data source is given.");
            }
            return new Relay(new RelaySettings(
                    name,
                    dataSource,
                    queue,
                    destinations,
                    routes,
                    retry,
                    batch,
                    lease,
                    inFlight,
                    inFlightSize,
                    history,
                    housekeeping,
                    shutdown,
                    listeners));
        }
    }
}
