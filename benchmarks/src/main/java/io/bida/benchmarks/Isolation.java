package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.benchmarks.Traffic.Commit;
import io.bida.outbox.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether one destination's trouble delays another. */
@Command(
        name = "isolation",
        description = "One destination hangs, one fails, the healthy one rejects one message of a thousand: what the"
                + " healthy one gets. Raw: the same traffic, all three healthy.")
final class Isolation implements Measurement {

    private static final String HEALTHY = "healthy";
    private static final Map<String, Behaviour> WELL =
            Map.of(HEALTHY, Behaviour.AT_ONCE, "hanging", Behaviour.AT_ONCE, "failing", Behaviour.AT_ONCE);
    private static final Map<String, Behaviour> FAULTY =
            Map.of(HEALTHY, Behaviour.POISONED, "hanging", Behaviour.HANGING, "failing", Behaviour.FAILING);
    private static final int CONNECTIONS = 33;

    @Option(names = "--per-second", description = "messages to each destination (${DEFAULT-VALUE})")
    private int perSecond = 200;

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 20;

    /** What the healthy destination got. */
    private record Healthy(Samples perSecond, Samples p50, Samples p99) {

        Healthy() {
            this(new Samples(), new Samples(), new Samples());
        }
    }

    private final Healthy well = new Healthy();
    private final Healthy faulty = new Healthy();

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database();
                HikariDataSource pool = database.pool(CONNECTIONS)) {
            RelayProcess relay = run.bench().relay();
            run.takeTurns(
                    () -> take(relay, database, pool, WELL, well), () -> take(relay, database, pool, FAULTY, faulty));
        }
        run.compare("delivered/s, healthy destination", well.perSecond(), faulty.perSecond(), Target.ratioAtLeast(0.9));
        run.compare("commit to sink, ms, p50, healthy destination", well.p50(), faulty.p50(), Target.NONE);
        run.compare("commit to sink, ms, p99, healthy destination", well.p99(), faulty.p99(), Target.ratioAtMost(2));
    }

    private void take(
            RelayProcess relay,
            Database database,
            HikariDataSource pool,
            Map<String, Behaviour> behaviours,
            Healthy healthy)
            throws Exception {
        database.clear();
        database.settle();
        Traffic traffic = Traffic.steady(perSecond, Duration.ofSeconds(seconds));
        relay.begin(RelayOrder.of(database).withSinks(behaviours).recording(traffic.messages()));
        List<Commit> commits = traffic.publish(Publishing.onConnection(pool, Outbox.create(), behaviours.keySet()));
        long end = Clock.micros();
        List<Long> arrivals = relay.end().arrivals().getOrDefault(HEALTHY, List.of());
        healthy.perSecond()
                .add(arrivals.stream().filter(at -> at > 0 && at <= end).count() / (double) seconds);
        Histogram delays = Delays.toArrival(commits, censored(arrivals, end));
        healthy.p50().add(Delays.millis(delays, 50));
        healthy.p99().add(Delays.millis(delays, 99));
    }

    /** What did not arrive took at least until the end. */
    private static List<Long> censored(List<Long> arrivals, long end) {
        List<Long> known = new ArrayList<>(arrivals);
        known.replaceAll(at -> at == 0 ? end : at);
        return known;
    }
}
