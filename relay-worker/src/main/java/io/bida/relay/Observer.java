package io.bida.relay;

import io.bida.outbox.OutboxStore;
import io.bida.outbox.Survey;
import io.bida.relay.RelayListener.Overview;
import io.bida.relay.RelayListener.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Looks now and then how the outbox and the relay stand, in one statement, reads the database's clock by it, and tells. */
final class Observer {

    static final Duration EVERY = Duration.ofSeconds(10);

    private static final long PATIENCE_SECONDS = 1;

    private final OutboxStore store;
    private final Session session;
    private final Routes routes;
    private final Shipper shipper;
    private final Claimer claimer;
    private final InFlight inFlight;
    private final LongSupplier nanoClock;
    private final DatabaseClock databaseClock;
    private final RelayListener listener;
    private final Pause pause = new Pause();
    private volatile CompletableFuture<List<Dock.Berth>> berths = CompletableFuture.completedFuture(List.of());

    Observer(
            OutboxStore store,
            Session session,
            Routes routes,
            Shipper shipper,
            Claimer claimer,
            InFlight inFlight,
            LongSupplier nanoClock,
            DatabaseClock databaseClock,
            RelayListener listener) {
        this.store = store;
        this.session = session;
        this.routes = routes;
        this.shipper = shipper;
        this.claimer = claimer;
        this.inFlight = inFlight;
        this.nanoClock = nanoClock;
        this.databaseClock = databaseClock;
        this.listener = listener;
    }

    void turn() throws Exception {
        long asked = nanoClock.getAsLong();
        Survey survey = session.query(handle -> store.survey(handle, Overview.CAP));
        databaseClock.read(survey.now(), asked);
        berths = shipper.look().completeOnTimeout(List.of(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        listener.looked(new Overview(
                standings(berths.get(), survey.oldest()),
                inFlight.size(),
                Math.max(0, survey.last() - claimer.high()),
                survey.parked()));
        pause.await(EVERY);
    }

    void stop() {
        berths.complete(List.of()); // A shipper that has ended answers no more.
        pause.signal();
    }

    private Map<String, Standing> standings(List<Dock.Berth> berths, Map<String, Instant> parked) {
        Map<String, Instant> oldest = new HashMap<>();
        parked.forEach((topic, since) ->
                routes.of(topic).ifPresent(route -> oldest.merge(route.to(), since, Observer::earlier)));
        Map<String, Standing> standings = new HashMap<>();
        for (Dock.Berth berth : berths) {
            berth.oldest().ifPresent(since -> oldest.merge(berth.destination(), since, Observer::earlier));
            Optional<Duration> age =
                    Optional.ofNullable(oldest.get(berth.destination())).flatMap(databaseClock::since);
            standings.put(berth.destination(), new Standing(age, berth.inFlight(), berth.down()));
        }
        return standings;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
