package io.bida.micrometer;

import io.bida.relay.RelayListener;
import io.bida.transport.Receipt;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The meters of one relay; give it to {@code Relay.builder().listener(...)}. One per relay and registry. Reading a gauge
 * asks nobody anything: it shows what the relay saw last. Thread-safe.
 *
 * <table>
 * <caption>All have the tag {@code relay}</caption>
 * <tr><td>{@code bida.oldest.due.age}</td><td>{@code destination}: of the oldest message that is due and not delivered;
 *     0 when there is none</td></tr>
 * <tr><td>{@code bida.waiting}</td><td>messages in the hot table that were not read yet; an estimate</td></tr>
 * <tr><td>{@code bida.parked}</td><td>{@code state}: parked messages of the database, counted up to 10,000</td></tr>
 * <tr><td>{@code bida.in.flight}</td><td>{@code destination}: between claim and receipt</td></tr>
 * <tr><td>{@code bida.destination.up}</td><td>{@code destination}: 0 while only probes are sent</td></tr>
 * <tr><td>{@code bida.shards}, {@code bida.shards.lost}</td><td>held now; lost so far without having been given up</td></tr>
 * <tr><td>{@code bida.attempts}</td><td>{@code destination}, {@code outcome}: accepted, rejected, failed or unknown</td></tr>
 * <tr><td>{@code bida.settled}</td><td>{@code outcome}: delivered, retry, deferred, held, scheduled or dead; written</td></tr>
 * <tr><td>{@code bida.commit.to.acknowledged}</td><td>{@code destination}: from the message's insert to its
 *     acceptance</td></tr>
 * <tr><td>{@code bida.send}</td><td>{@code destination}: from the hand-over to the sender to the receipt</td></tr>
 * <tr><td>{@code bida.claim}, {@code bida.settle}</td><td>one read, one write</td></tr>
 * </table>
 */
public final class RelayMetrics implements RelayListener {

    /** A look that is overdue for so long will not come soon: the database does not answer. */
    private static final Duration OVERDUE = Duration.ofSeconds(25);

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofHours(1)
    };

    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<String, Destination> destinations = new ConcurrentHashMap<>();
    private final AtomicInteger shards = new AtomicInteger();
    private final Counter lost;
    private final Timer claim;
    private final Timer settle;
    private final Map<String, Counter> settled = new ConcurrentHashMap<>();
    private volatile Overview seen = new Overview(Map.of(), 0, 0, Map.of());
    private volatile long seenAt;

    /** @param relay the value of the tag {@code relay} */
    public RelayMetrics(MeterRegistry registry, String relay) {
        this.registry = registry;
        this.tags = Tags.of("relay", relay);
        this.seenAt = registry.config().clock().monotonicTime();
        this.lost = registry.counter("bida.shards.lost", tags);
        this.claim = registry.timer("bida.claim", tags);
        this.settle = registry.timer("bida.settle", tags);
        Gauge.builder("bida.shards", shards, AtomicInteger::get).tags(tags).register(registry);
        Gauge.builder("bida.waiting", this, metrics -> metrics.seen.waiting())
                .tags(tags)
                .register(registry);
        for (String state : new String[] {"SCHEDULED", "RETRY", "HELD", "DEAD", "CANCELLED"}) {
            Gauge.builder("bida.parked", this, metrics -> metrics.seen.parked().getOrDefault(state, 0L))
                    .tags(tags.and("state", state))
                    .register(registry);
        }
    }

    /** The meters of one destination. */
    private final class Destination {

        final Timer commitToAcknowledged;
        final Timer send;
        final Map<String, Counter> attempts = new ConcurrentHashMap<>();
        final Tags tags;
        volatile boolean up = true;

        Destination(String name) {
            tags = RelayMetrics.this.tags.and("destination", name);
            commitToAcknowledged = Timer.builder("bida.commit.to.acknowledged")
                    .tags(tags)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
            send = registry.timer("bida.send", tags);
            Gauge.builder("bida.destination.up", this, destination -> destination.up ? 1 : 0)
                    .tags(tags)
                    .register(registry);
            Gauge.builder("bida.in.flight", RelayMetrics.this, metrics -> metrics.inFlight(name))
                    .tags(tags)
                    .register(registry);
            TimeGauge.builder(
                            "bida.oldest.due.age",
                            RelayMetrics.this,
                            TimeUnit.MILLISECONDS,
                            metrics -> metrics.oldestDue(name))
                    .tags(tags)
                    .register(registry);
        }

        void count(Attempt attempt) {
            send.record(attempt.took());
            if (attempt.isAccepted()) {
                attempt.age().ifPresent(commitToAcknowledged::record);
            }
            attempts.computeIfAbsent(
                            outcome(attempt.receipt()),
                            outcome -> registry.counter("bida.attempts", tags.and("outcome", outcome)))
                    .increment();
        }
    }

    @Override
    public void attempted(Attempt attempt) {
        destination(attempt.destination()).count(attempt);
    }

    @Override
    public void claimed(int messages, Duration took) {
        claim.record(took);
    }

    @Override
    public void settled(Settled batch) {
        settle.record(batch.took());
        count("delivered", batch.delivered());
        count("retry", batch.retrying());
        count("deferred", batch.deferred());
        count("held", batch.held());
        count("scheduled", batch.scheduled());
        count("dead", batch.dead());
    }

    @Override
    public void destinationDown(String destination, String reason) {
        destination(destination).up = false;
    }

    @Override
    public void destinationUp(String destination, Duration wasDown) {
        destination(destination).up = true;
    }

    @Override
    public void shardsChanged(int held, int lostNow) {
        shards.set(held);
        lost.increment(lostNow);
    }

    @Override
    public void looked(Overview overview) {
        seen = overview;
        seenAt = clock().monotonicTime();
        overview.destinations().keySet().forEach(this::destination);
    }

    private Destination destination(String name) {
        return destinations.computeIfAbsent(name, Destination::new);
    }

    private void count(String outcome, int messages) {
        settled.computeIfAbsent(outcome, some -> registry.counter("bida.settled", tags.and("outcome", some)))
                .increment(messages);
    }

    private int inFlight(String destination) {
        Standing standing = seen.destinations().get(destination);
        return standing == null ? 0 : standing.inFlight();
    }

    /** In milliseconds. What was late when the database was heard of last has grown later since. */
    private double oldestDue(String destination) {
        Standing standing = seen.destinations().get(destination);
        if (standing == null || standing.oldestDue().isEmpty()) {
            return 0;
        }
        Duration since = Duration.ofNanos(clock().monotonicTime() - seenAt);
        Duration age = standing.oldestDue().get();
        return (since.compareTo(OVERDUE) < 0 ? age : age.plus(since)).toMillis();
    }

    private Clock clock() {
        return registry.config().clock();
    }

    private static String outcome(Receipt receipt) {
        if (receipt instanceof Receipt.Accepted) {
            return "accepted";
        }
        if (receipt instanceof Receipt.Rejected) {
            return "rejected";
        }
        return receipt instanceof Receipt.Failed ? "failed" : "unknown";
    }
}
