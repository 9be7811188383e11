package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.benchmarks.Consumers.Receiving;
import io.bida.relay.Housekeeping;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether consumers notice that a long ledger is purged. A deadlock that reached one would end the measurement. */
@Command(
        name = "purge",
        description =
                "Inbox.handle while a relay purges a long ledger that has expired. Raw: the same without the purge.")
final class Purge implements Measurement {

    private static final Duration EXPIRED = Duration.ofHours(-1);
    private static final Housekeeping ALWAYS =
            new Housekeeping(Housekeeping.OFF, Housekeeping.OFF, "* * * * * ?", Housekeeping.OFF);
    /** A job that the relay before had at hand when it was closed goes on six leases later. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final Duration BEGIN = Duration.ofSeconds(60);
    private static final int RELAY_CONNECTIONS = 8;

    @Option(names = "--connections", description = "of the consumers (${DEFAULT-VALUE})")
    private int connections = 8;

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 5;

    @Option(names = "--ledger", description = "messages whose time has passed (${DEFAULT-VALUE})")
    private int ledger = 10_000_000;

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database();
                Consumers consumers = new Consumers(database, connections, 1, ledger, EXPIRED);
                HikariDataSource pool = database.pool(RELAY_CONNECTIONS)) {
            Samples undisturbed = new Samples();
            Samples purging = new Samples();
            Samples purged = new Samples();
            consumers.perSecond(Receiving.ONE_BY_ONE, time());
            run.takeTurns(() -> undisturbed.add(perSecond(consumers)), () -> {
                try (Relay relay = purger(pool)) {
                    relay.start();
                    long before = awaitPurge(database);
                    long begin = System.nanoTime();
                    purging.add(perSecond(consumers));
                    purged.add((before - expired(database)) * 1e9 / (System.nanoTime() - begin));
                }
            });
            String what = ", %,d expired, %d connections".formatted(ledger, connections);
            run.compare("handled/s" + what, undisturbed, purging, Target.ratioAtLeast(0.80));
            run.report("purged/s" + what, purged, Target.NONE);
        }
    }

    private double perSecond(Consumers consumers) throws Exception {
        consumers.clear();
        return consumers.perSecond(Receiving.ONE_BY_ONE, time());
    }

    private static Relay purger(HikariDataSource pool) {
        return Relay.builder()
                .name("bench-purger")
                .dataSource(pool)
                .housekeeping(ALWAYS)
                .lease(SOON)
                .sender("nowhere", new Sink("nowhere", Behaviour.AT_ONCE, new Arrivals(Set.of("nowhere"), 0)))
                .route(new Route("**", "nowhere"))
                .build();
    }

    /** Answers how many rows are left when it has begun. */
    private static long awaitPurge(Database database) throws Exception {
        long all = expired(database);
        AtomicLong left = new AtomicLong(all);
        boolean begun = Patience.until(
                () -> {
                    left.set(expired(database));
                    return left.get() < all;
                },
                BEGIN);
        if (!begun) {
            throw new IllegalStateException("the purge did not begin within " + BEGIN.toSeconds() + " s");
        }
        return left.get();
    }

    private static long expired(Database database) throws SQLException {
        return database.number("SELECT COUNT(*) FROM bida_inbox WHERE expires_at < "
                + database.at.dialect().now());
    }

    private Duration time() {
        return Duration.ofSeconds(seconds);
    }
}
