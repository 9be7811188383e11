package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Settlement;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loops of one run, connected. */
final class Engine {

    private static final Logger log = LoggerFactory.getLogger(Engine.class);

    private static final Duration LOCK_WAIT = Duration.ofSeconds(1);
    private static final Duration LEAVE = Duration.ofSeconds(3);

    private final RelaySettings settings;
    private final LongSupplier clock = System::nanoTime;
    private final RelayListener listener;
    private final InFlight inFlight = new InFlight();
    private final List<Session> sessions = new ArrayList<>();
    private final LeaseKeeper keeper;
    private final Claimer claimer;
    private final Shipper shipper;
    private final Settler settler;
    private final Housekeeper housekeeper;
    private final Loop keeping;
    private final Loop claiming;
    private final Loop shipping;
    private final Loop settling;
    /** What the messages' way does without. */
    private final List<Loop> background = new ArrayList<>();

    Engine(RelaySettings settings, Dialect dialect, String node) {
        this.settings = settings;
        this.listener = new Listeners(
                settings.name(),
                Stream.concat(
                                Stream.of(new LogListener(settings.name(), settings.queue())),
                                settings.listeners().stream())
                        .toList());
        DurableQueue queue = settings.queue();
        OutboxStore store = new OutboxStore(
                dialect,
                queue,
                node,
                queue.isShared() ? null : settings.name(),
                !settings.history().isZero());
        Routes routes = new Routes(settings.routes());
        Judge judge = new Judge(settings.retry(), Engine::random);
        Session reads = session(Session.readCommitted(settings.dataSource(), dialect));
        Session openReads = session(
                dialect.showsOpenInserts()
                        ? Session.readUncommitted(settings.dataSource(), dialect)
                        : Session.readCommitted(settings.dataSource(), dialect));
        Session notes = session(Session.bounded(settings.dataSource(), dialect, LOCK_WAIT, settings.lease()));
        LeaseStore leases = new LeaseStore(dialect, queue, node, settings.lease());
        Session leaseSession = session(Session.bounded(settings.dataSource(), dialect, LOCK_WAIT, settings.lease()));
        keeper = new LeaseKeeper(
                settings.name(), settings.lease(), leases, leaseSession, inFlight, this::isWanted, clock, listener);
        DatabaseClock databaseClock = new DatabaseClock(clock);
        shipper = new Shipper(routes, this::docks, judge, keeper::ownership, clock, inFlight, databaseClock, listener);
        Claimer.Capacity capacity = new Claimer.Capacity(
                settings.batch(), settings.inFlight() * settings.destinations().size(), settings.inFlightSize());
        claimer = new Claimer(
                store,
                keeper,
                reads,
                notes,
                new HotReader(store, reads, openReads, inFlight, clock, settings.batch()),
                inFlight,
                shipper,
                clock,
                new Caution(
                        settings.name(),
                        new SuspectStore(dialect, queue, node),
                        notes,
                        inFlight,
                        clock,
                        settings.batch()),
                capacity,
                routes.deadMayHold(),
                listener);
        Session writes = session(Session.bounded(settings.dataSource(), dialect, LOCK_WAIT, settings.lease()));
        settler = new Settler(store, writes, inFlight, settings.batch(), this::written);
        shipper.connect(settler::settle, claimer::drain, claimer::check, claimer::hasten, claimer::resync);
        settings.destinations().values().forEach(destination -> destination.whenWanted(keeper::wake));
        keeping = new Loop(settings.name() + " lease keeper", keeper::turn, keeper::wake);
        claiming = new Loop(settings.name() + " claimer", claimer::turn, claimer::wake);
        shipping = new Loop(settings.name() + " shipper", shipper::turn);
        settling = new Loop(settings.name() + " settler", settler::turn);
        housekeeper = new Housekeeper(settings, dialect, node);
        background.add(new Loop(settings.name() + " housekeeping", housekeeper::turn, housekeeper::stop));
        Observer observer = new Observer(
                store,
                session(Session.readCommitted(settings.dataSource(), dialect)),
                new Routes(settings.routes()),
                shipper,
                claimer,
                inFlight,
                clock,
                databaseClock,
                listener);
        background.add(new Loop(settings.name() + " observer", observer::turn, observer::stop));
        if (!queue.isShared()) {
            listen(dialect);
        }
    }

    /** Only PostgreSQL tells of commits; without its own driver the claimer just looks, as elsewhere. */
    private void listen(Dialect dialect) {
        if (!dialect.name().equals("postgresql")) {
            return;
        }
        try {
            Session hearing =
                    session(Session.prepared(settings.dataSource(), CommitListener.LISTEN, CommitListener.UNLISTEN));
            CommitListener listener = new CommitListener(hearing, claimer);
            background.add(new Loop(settings.name() + " listener", listener::turn, listener::stop));
        } catch (LinkageError e) {
            log.info("{}: PostgreSQL's driver is not there, so that commits are found by looking.", settings.name());
        }
    }

    private boolean isWanted() {
        return settings.destinations().values().stream().anyMatch(Destination::isWanted);
    }

    private List<Dock> docks(Landings landings) {
        boolean alone = settings.destinations().size() == 1;
        return settings.destinations().values().stream()
                .map(destination ->
                        new Dock(destination, settings.inFlight(), alone, landings, clock, Engine::random, listener))
                .toList();
    }

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    private Stream<Loop> loops() {
        return Stream.concat(Stream.of(keeping, claiming, shipping, settling), background.stream());
    }

    private Session session(Session session) {
        sessions.add(session);
        return session;
    }

    private void written(List<Settlement> settlements, Duration took) {
        shipper.written(settlements);
        listener.settled(RelayListener.Settled.of(settlements, took));
        for (Settlement settlement : settlements) {
            if (settlement instanceof Settlement.Retry retry) {
                claimer.expect(retry.delay());
            } else if (settlement instanceof Settlement.Dead dead) {
                Claim.Row row = dead.claim().row();
                listener.died(row.messageId(), row.topic(), dead.reason());
            }
        }
        claimer.roomMade();
    }

    void wake() {
        claimer.wake();
    }

    void pause(boolean yes) {
        shipper.pause(yes);
        if (!yes) {
            claimer.resync();
        }
    }

    boolean isLive() {
        return loops().allMatch(Loop::isAlive);
    }

    boolean isReady() {
        return isLive() && keeper.isCurrent();
    }

    void start() {
        loops().forEach(Loop::start);
    }

    /** In the order data flows, so that each stage still takes what the one before hands on. */
    void stop() {
        long end = System.nanoTime() + settings.shutdown().toNanos();
        background.forEach(Loop::stop);
        end(claiming, end);
        drain(end);
        end(shipping, end);
        end(settling, end);
        end(keeping, end);
        background.forEach(loop -> loop.join(left(end)));
        housekeeper.close();
        boolean ended = loops().noneMatch(Loop::isAlive) && leftWithin(LEAVE);
        if (!ended) {
            sessions.forEach(Session::abort);
        }
    }

    private static void end(Loop loop, long end) {
        loop.stop();
        loop.join(left(end));
    }

    private void drain(long end) {
        try {
            if (!shipper.stop(left(end))) {
                log.warn("{}: some messages were not answered in time; they are sent again later.", settings.name());
            }
            settler.awaitQuiet(left(end));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Bounded, for a database that does not answer must not keep a process from ending. */
    private boolean leftWithin(Duration atMost) {
        Thread leaving = new Thread(this::leave, settings.name() + " leaving");
        leaving.setDaemon(true);
        leaving.start();
        try {
            leaving.join(atMost.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !leaving.isAlive();
    }

    private void leave() {
        try {
            keeper.leave();
        } catch (RuntimeException e) {
            log.warn(
                    "{}: the leases could not be given back, others take them when they end: {}",
                    settings.name(),
                    e.getMessage());
        }
        sessions.forEach(Session::close);
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    }
}
