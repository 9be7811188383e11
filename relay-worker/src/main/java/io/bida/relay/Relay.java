package io.bida.relay;

import io.bida.message.BidaException;
import io.bida.outbox.OutboxStore;
import io.bida.sql.Dialect;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships the messages of one outbox. Any number of relays, in any number of processes, share the work of one database.
 * Holds five connections of its data source while it runs. Thread-safe.
 *
 * <pre>{@code
 * Relay relay = Relay.builder().name("orders-relay").dataSource(dataSource)
 *         .sender("web", sender).route(new Route("**", "web")).build();
 * relay.start();
 * }</pre>
 */
public final class Relay implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    private final Builder settings;
    private final String node;
    private @Nullable Running running;

    private Relay(Builder settings) {
        this.settings = settings;
        this.node = head(settings.name, 50) + "-" + UUID.randomUUID().toString().substring(0, 8);
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
        if (running != null) {
            throw new BidaException(settings.name + " is running already.");
        }
        Dialect dialect = inspect();
        running = new Running(settings, dialect, node);
        running.start();
        log.info("{}: running as {} on {}.", settings.name, node, dialect.name());
    }

    private Dialect inspect() {
        try (Connection connection = settings.dataSource().getConnection()) {
            Dialect dialect = Dialect.of(connection);
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery("SELECT COUNT(*) FROM bida_lease")) {
                if (!row.next() || row.getInt(1) == 0) {
                    throw new BidaException("The table bida_lease is empty; './bida migrate' fills it.");
                }
            }
            return dialect;
        } catch (SQLException e) {
            throw new BidaException(
                    settings.name + ": the outbox cannot be read: " + e.getMessage()
                            + " If its tables are missing, './bida migrate' creates them.",
                    e);
        }
    }

    /** Looks for new messages at once; for the producer in the same process. Never blocks. */
    public void wake() {
        Running now = running();
        if (now != null) {
            now.claimer.wake();
        }
    }

    /** Whether it was started and all its threads run. */
    public boolean isLive() {
        Running now = running();
        return now != null && now.loops.stream().allMatch(Loop::isAlive);
    }

    /** Whether it is live and its leases are current, so that messages are being shipped. */
    public boolean isReady() {
        Running now = running();
        return isLive() && now != null && now.keeper.isCurrent();
    }

    private synchronized @Nullable Running running() {
        return running;
    }

    /** Stops claiming, waits for the receipts under way, settles them and gives the leases back. Senders stay open. */
    @Override
    public void close() {
        Running last;
        synchronized (this) {
            last = running;
            running = null;
        }
        if (last != null) {
            last.stop();
            log.info("{}: stopped.", settings.name);
        }
    }

    private static String head(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    /** The loops of one run, connected. */
    private static final class Running {

        private final Builder settings;
        private final InFlight inFlight = new InFlight();
        private final List<Session> sessions = new ArrayList<>();
        private final LeaseKeeper keeper;
        private final Claimer claimer;
        private final Shipper shipper;
        private final Settler settler;
        private final Loop keeping;
        private final Loop claiming;
        private final Loop shipping;
        private final Loop settling;
        private final List<Loop> loops;

        Running(Builder settings, Dialect dialect, String node) {
            this.settings = settings;
            LongSupplier clock = System::nanoTime;
            OutboxStore store = new OutboxStore(dialect, node, Watermark.TRAIL, !settings.history.isZero());
            Routes routes = new Routes(settings.routes);
            Session reads = session(Session.readCommitted(settings.dataSource()));
            Session openReads = session(
                    dialect.showsOpenInserts()
                            ? Session.readUncommitted(settings.dataSource())
                            : Session.readCommitted(settings.dataSource()));
            LeaseStore leases = new LeaseStore(dialect, node, settings.lease);
            Session leaseSession = session(Session.readCommitted(settings.dataSource()));
            keeper = new LeaseKeeper(settings.name, settings.lease, leases, leaseSession, inFlight, clock);
            shipper = new Shipper(
                    routes,
                    settings.destinations,
                    settings.name,
                    new Judge(settings.retry, () -> ThreadLocalRandom.current().nextDouble()),
                    keeper::ownership,
                    clock,
                    settings.deadline,
                    inFlight);
            claimer = new Claimer(
                    store,
                    keeper,
                    reads,
                    new HotReader(store, reads, openReads, inFlight, clock),
                    inFlight,
                    shipper,
                    clock,
                    settings.batch,
                    settings.inFlight,
                    routes.anyHoldsOnDead());
            Session writes = session(Session.readCommitted(settings.dataSource()));
            settler = new Settler(store, writes, inFlight, settings.batch, this::written);
            shipper.connect(settler::settle, claimer::drain, claimer::resync);
            keeping = new Loop(settings.name + " lease keeper", keeper::turn);
            claiming = new Loop(settings.name + " claimer", claimer::turn);
            shipping = new Loop(settings.name + " shipper", shipper::turn);
            settling = new Loop(settings.name + " settler", settler::turn);
            loops = List.of(keeping, claiming, shipping, settling);
        }

        private Session session(Session session) {
            sessions.add(session);
            return session;
        }

        private void written(List<io.bida.outbox.Settlement> settlements) {
            shipper.written(settlements);
            if (inFlight.size() >= settings.inFlight) {
                claimer.wake();
            }
        }

        void start() {
            loops.forEach(Loop::start);
        }

        /** In the order data flows, so that each stage still takes what the one before hands on. */
        void stop() {
            long end = System.nanoTime() + settings.shutdown.toNanos();
            claiming.stop();
            claimer.wake();
            claiming.join(left(end));
            drain(end);
            shipping.stop();
            shipping.join(left(end));
            settling.stop();
            settling.join(left(end));
            keeping.stop();
            keeper.wake();
            keeping.join(left(end));
            leave();
            sessions.forEach(Session::close);
        }

        private void drain(long end) {
            try {
                if (!shipper.stop(left(end))) {
                    log.warn("{}: some messages were not answered in time; they are sent again later.", settings.name);
                }
                while (!settler.isQuiet() && System.nanoTime() - end < 0) {
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void leave() {
            try {
                keeper.leave();
            } catch (RuntimeException e) {
                log.warn(
                        "{}: the leases could not be given back, others take them when they end: {}",
                        settings.name,
                        e.getMessage());
            }
        }

        private static Duration left(long end) {
            return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        }
    }

    /** What a relay needs; {@link #build} says what is missing. Not thread-safe. */
    public static final class Builder {

        private String name = "relay";
        private @Nullable DataSource dataSource;
        private final Map<String, Destination> destinations = new LinkedHashMap<>();
        private final List<Route> routes = new ArrayList<>();
        private RetryPolicy retry = RetryPolicy.DEFAULT;
        private int batch = 500;
        private Duration lease = Duration.ofSeconds(10);
        private int inFlight = 2_000;
        private Duration history = Duration.ZERO;
        private Duration shutdown = Duration.ofSeconds(10);
        private Duration deadline = Duration.ofSeconds(60);

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

        /** A destination for routes; stays open when the relay closes. */
        public Builder sender(String name, Sender sender) {
            destinations.put(name, new Destination(name, sender));
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

        /** Messages per statement, from 1; 500 by default. */
        public Builder batch(int batch) {
            this.batch = batch;
            return this;
        }

        /** How long a shard stays with a relay that is not heard of; 10 s by default, at least 1 s. */
        public Builder lease(Duration lease) {
            this.lease = lease;
            return this;
        }

        /** Messages between claim and settlement, from 1; 2,000 by default. */
        public Builder inFlight(int inFlight) {
            this.inFlight = inFlight;
            return this;
        }

        /** How long delivered messages are remembered; zero, the default, records none. */
        public Builder history(Duration history) {
            this.history = history;
            return this;
        }

        /** How long {@link Relay#close} waits for receipts; 10 s by default. */
        public Builder shutdown(Duration shutdown) {
            this.shutdown = shutdown;
            return this;
        }

        /** When a message counts as unanswered although its sender says nothing; 60 s by default. */
        public Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        public Relay build() {
            dataSource();
            require(batch >= 1, "batch is " + batch + ": at least 1 is expected");
            require(inFlight >= 1, "in-flight is " + inFlight + ": at least 1 is expected");
            require(lease.compareTo(Duration.ofSeconds(1)) >= 0, "lease is " + lease + ": at least 1s is expected");
            for (Route route : routes) {
                require(
                        destinations.containsKey(route.to()),
                        "the route for '" + route.pattern() + "' goes to '" + route.to() + "', which is none of the"
                                + " senders " + destinations.keySet());
            }
            return new Relay(this);
        }

        private DataSource dataSource() {
            if (dataSource == null) {
                throw new BidaException(name + ": no data source is given.");
            }
            return dataSource;
        }

        private void require(boolean holds, String sentence) {
            if (!holds) {
                throw new BidaException(name + ": " + sentence + ".");
            }
        }
    }
}
