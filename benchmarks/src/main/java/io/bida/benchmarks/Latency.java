package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.benchmarks.Traffic.Commit;
import io.bida.outbox.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long after its commit a message is sent. */
@Command(
        name = "latency",
        description =
                "From the commit's return to the sink, at exponential gaps. Raw: how long the commit itself took.")
final class Latency implements Measurement {

    private static final double[] PERCENTILES = {50, 99, 99.9};
    private static final double[] DRAWN = {50, 75, 90, 95, 99, 99.5, 99.9};
    private static final int CONNECTIONS = 33;

    @Option(names = "--per-second", split = ",", description = "messages; each rate by itself (${DEFAULT-VALUE})")
    private List<Integer> perSecond = List.of(100, 1_000);

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 10;

    /** Where the relay runs, and how it comes to know. */
    enum Way {
        /** In the producer's process, woken by the commit of a Jdbi handle. */
        HANDLE("same process, Jdbi handle"),
        /** In the producer's process, woken before the commit of a plain connection. */
        CONNECTION("same process, connection"),
        /** In a process of its own, told nothing. */
        OTHER("other process, SQL");

        private final String words;

        Way(String words) {
            this.words = words;
        }

        Target target(double percentile, int perSecond) {
            if (perSecond > 100) {
                return Target.NONE;
            }
            boolean same = this != OTHER;
            return percentile == 50 && same
                    ? Target.atMost(1)
                    : percentile == 99 ? Target.atMost(same ? 6 : 25) : Target.NONE;
        }
    }

    /** One way at one rate, over all rounds. */
    private static final class Series {

        private final Way way;
        private final int rate;
        private final List<Histogram> commits = new ArrayList<>();
        private final List<Histogram> delays = new ArrayList<>();

        Series(Way way, int rate) {
            this.way = way;
            this.rate = rate;
        }

        void take(Bench bench, Database database, HikariDataSource pool, int forSeconds) throws Exception {
            database.clear();
            database.settle();
            Traffic traffic = Traffic.random(rate, Duration.ofSeconds(forSeconds));
            RelayOrder order = RelayOrder.of(database).recording(traffic.messages());
            if (way == Way.OTHER) {
                inOtherProcess(bench.relay(), order, traffic, pool);
            } else {
                inThisProcess(order, traffic, pool);
            }
        }

        private void inOtherProcess(RelayProcess relay, RelayOrder order, Traffic traffic, HikariDataSource pool)
                throws Exception {
            relay.begin(order);
            List<Commit> committed = traffic.publish(Publishing.bySql(pool));
            relay.awaitSent(committed.size());
            note(committed, relay.end());
        }

        private void inThisProcess(RelayOrder order, Traffic traffic, HikariDataSource pool) throws Exception {
            try (Relays relays = new Relays(order)) {
                relays.start();
                Outbox outbox = Outbox.builder().onPublish(relays::wake).build();
                List<Commit> committed = traffic.publish(
                        way == Way.HANDLE
                                ? Publishing.onHandle(pool, outbox)
                                : Publishing.onConnection(
                                        pool, outbox, order.sinks().keySet()));
                relays.awaitSent(committed.size());
                note(committed, relays.report());
            }
        }

        private void note(List<Commit> committed, RelayReport report) {
            commits.add(Delays.ofCommits(committed));
            delays.add(Delays.toArrival(committed, report.ofOrders()));
        }

        void report(Run run) {
            for (double percentile : PERCENTILES) {
                run.compare(
                        "commit to sink, ms, p" + name(percentile) + ", " + rate + "/s, " + way.words,
                        millis(commits, percentile),
                        millis(delays, percentile),
                        way.target(percentile, rate));
            }
            for (double percentile : DRAWN) {
                run.point(
                        "latency-" + rate,
                        way.words,
                        "p" + name(percentile),
                        millis(delays, percentile).median());
            }
        }

        private Samples millis(List<Histogram> rounds, double percentile) {
            Samples samples = new Samples();
            rounds.forEach(round -> samples.add(Delays.millis(round, percentile)));
            return samples;
        }

        void forget() {
            commits.clear();
            delays.clear();
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        List<Series> all = new ArrayList<>();
        for (int rate : perSecond) {
            for (Way way : Way.values()) {
                all.add(new Series(way, rate));
            }
        }
        try (Database database = run.bench().database();
                HikariDataSource pool = database.pool(CONNECTIONS)) {
            for (Series warm : all) {
                warm.take(run.bench(), database, pool, 2);
                warm.forget();
            }
            List<Rounds.Side> sides = new ArrayList<>();
            all.forEach(series -> sides.add(() -> series.take(run.bench(), database, pool, seconds)));
            Rounds.take(run.rounds(), sides);
        }
        all.forEach(series -> series.report(run));
    }

    private static String name(double percentile) {
        return percentile == Math.rint(percentile)
                ? String.format(Locale.ROOT, "%.0f", percentile)
                : String.valueOf(percentile);
    }
}
