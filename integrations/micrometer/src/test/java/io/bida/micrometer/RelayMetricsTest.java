package io.bida.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.relay.RelayListener.Attempt;
import io.bida.relay.RelayListener.Overview;
import io.bida.relay.RelayListener.Settled;
import io.bida.relay.RelayListener.Standing;
import io.bida.transport.Receipt;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RelayMetricsTest {

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private final RelayMetrics metrics = new RelayMetrics(registry, "orders-relay");

    @Test
    void attemptsAreCountedByDestinationAndOutcome() {
        attempt(new Receipt.Accepted("204"));
        attempt(new Receipt.Failed("503"));
        attempt(new Receipt.Failed("503"));
        assertThat(registry.get("bida.attempts")
                        .tags("destination", "web", "outcome", "accepted")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("bida.attempts")
                        .tags("destination", "web", "outcome", "failed")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("bida.send").timer().count()).isEqualTo(3);
        assertThat(registry.get("bida.commit.to.acknowledged").timer().totalTime(TimeUnit.MILLISECONDS))
                .as("of what was accepted")
                .isEqualTo(40);
    }

    @Test
    void whatWasWrittenIsCountedByOutcome() {
        metrics.settled(new Settled(5, 4, 3, 2, 1, 6, Duration.ofMillis(7)));
        metrics.settled(new Settled(5, 0, 0, 0, 0, 0, Duration.ofMillis(7)));
        assertThat(registry.get("bida.settled")
                        .tag("outcome", "delivered")
                        .counter()
                        .count())
                .isEqualTo(10);
        assertThat(registry.get("bida.settled").tag("outcome", "dead").counter().count())
                .isEqualTo(6);
        assertThat(registry.get("bida.settle").timer().count()).isEqualTo(2);
    }

    @Test
    void gaugesShowWhatWasSeenLast() {
        metrics.looked(late(Duration.ofSeconds(40)));
        assertThat(gauge("bida.oldest.due.age")).isEqualTo(40);
        assertThat(gauge("bida.in.flight")).isEqualTo(7);
        assertThat(gauge("bida.waiting")).isEqualTo(1_000);
        assertThat(registry.get("bida.parked").tag("state", "DEAD").gauge().value())
                .isEqualTo(3);
        assertThat(registry.get("bida.parked").tag("state", "HELD").gauge().value())
                .isZero();
    }

    @Test
    void whileTheDatabaseDoesNotAnswerWhatIsLateGrowsLater() {
        metrics.looked(late(Duration.ofSeconds(40)));
        clock.add(Duration.ofSeconds(10));
        assertThat(gauge("bida.oldest.due.age")).isEqualTo(40);
        clock.add(Duration.ofSeconds(50));
        assertThat(gauge("bida.oldest.due.age")).isEqualTo(100);
    }

    @Test
    void aDestinationIsUpUnlessItIsDown() {
        metrics.looked(late(Duration.ZERO));
        assertThat(gauge("bida.destination.up")).isEqualTo(1);
        metrics.destinationDown("web", "HTTP 503");
        assertThat(gauge("bida.destination.up")).isZero();
        metrics.destinationUp("web", Duration.ofSeconds(1));
        assertThat(gauge("bida.destination.up")).isEqualTo(1);
    }

    @Test
    void shardsAreShownAndThoseLostAreCounted() {
        metrics.shardsChanged(64, 0);
        metrics.shardsChanged(32, 32);
        assertThat(gauge("bida.shards")).isEqualTo(32);
        assertThat(registry.get("bida.shards.lost").counter().count()).isEqualTo(32);
    }

    private void attempt(Receipt receipt) {
        metrics.attempted(new Attempt("web", receipt, Duration.ofMillis(4), Optional.of(Duration.ofMillis(40))));
    }

    private double gauge(String name) {
        return registry.get(name).tag("relay", "orders-relay").gauge().value();
    }

    private static Overview late(Duration age) {
        return new Overview(Map.of("web", new Standing(Optional.of(age), 7, false)), 7, 1_000, Map.of("DEAD", 3L));
    }
}
