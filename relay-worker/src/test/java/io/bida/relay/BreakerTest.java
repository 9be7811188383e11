package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {

    private static final Fault BUSY = new Fault("failed", "busy");

    private long now = 7;
    private long seq;
    private final Dock nowhere = new Dock(
            new Destination("web", new RecordingSender(), Limits.DEFAULT),
            1,
            true,
            new Landings(event -> {}, (flight, receipt) -> {}),
            () -> now,
            () -> 0.5,
            RelayListener.NONE);
    private final Breaker breaker = new Breaker(3, () -> now, () -> 0.5);

    @Test
    void itOpensWhenSoManyDifferentMessagesFailInARow() {
        fail(flight());
        fail(flight());
        assertThat(breaker.isOpen()).isFalse();
        breaker.succeeded(flight());
        fail(flight());
        fail(flight());
        assertThat(breaker.isOpen()).isFalse();
        fail(flight());
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.lastFault()).isEqualTo("busy");
    }

    /** It may be the message's own fault, and would never be dead if the destination were thought to be down. */
    @Test
    void oneMessageThatFailsAgainAndAgainDoesNotOpenIt() {
        Flight poison = flight();
        for (int i = 0; i < 16; i++) {
            fail(poison);
        }
        assertThat(breaker.isOpen()).isFalse();
    }

    /** Twenty keys that failed kept the hundred and eighty others from their destination for minutes. */
    @Test
    void manyMessagesThatFailAgainSayNothingNew() {
        for (int i = 0; i < 100; i++) {
            fail(flight(1));
        }
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void oneMessageIsEnoughWhereTheDestinationSaysThatItIsUnavailable() {
        Flight only = flight();
        for (int i = 0; i < 3; i++) {
            assertThat(breaker.isOpen()).isFalse();
            breaker.failed(only, BUSY, true);
        }
        assertThat(breaker.isOpen()).isTrue();
    }

    @Test
    void itOpensWhenNearlyAllFailAlthoughSomeAreTaken() {
        Breaker sparing = new Breaker(1_000, () -> now, () -> 0.5);
        for (int i = 0; i < 200 && !sparing.isOpen(); i++) {
            if (i % 10 == 0) {
                sparing.succeeded(flight());
            } else {
                sparing.failed(flight(), BUSY, false);
            }
        }
        assertThat(sparing.isOpen()).isTrue();
    }

    @Test
    void halfOfThemFailingDoesNotOpenIt() {
        for (int i = 0; i < 200; i++) {
            fail(flight());
            breaker.succeeded(flight());
        }
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void itWantsOneProbeAtATimeWithGrowingPauses() {
        open();
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(breaker.untilProbe()).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(breaker.wantsProbe()).isFalse();
            now += Duration.ofSeconds(seconds).toNanos();
            assertThat(breaker.wantsProbe()).isTrue();
            Flight probe = flight();
            breaker.probe(probe);
            assertThat(breaker.wantsProbe()).isFalse();
            fail(probe);
            assertThat(breaker.wasProbed(probe))
                    .as("another one would tell more")
                    .isTrue();
        }
        assertThat(breaker.openFor()).isEqualTo(Duration.ofSeconds(91));
    }

    @Test
    void aProbeThatIsTakenClosesItAndNothingElseDoes() {
        Flight early = flight();
        open();
        breaker.succeeded(early);
        assertThat(breaker.isOpen()).isTrue();
        now += Duration.ofSeconds(1).toNanos();
        Flight probe = flight();
        breaker.probe(probe);
        breaker.succeeded(probe);
        assertThat(breaker.isOpen()).isFalse();
        fail(flight());
        assertThat(breaker.isOpen()).as("it begins anew").isFalse();
    }

    @Test
    void withoutAThresholdItNeverOpens() {
        Breaker none = new Breaker(0, () -> now, () -> 0.5);
        for (int i = 0; i < 1_000; i++) {
            none.failed(flight(), BUSY, true);
        }
        assertThat(none.isOpen()).isFalse();
    }

    private void open() {
        for (int i = 0; i < 3; i++) {
            fail(flight());
        }
    }

    private void fail(Flight flight) {
        breaker.failed(flight, BUSY, false);
    }

    private Flight flight() {
        return flight(0);
    }

    private Flight flight(int attempts) {
        Claim.Sendable claim = Claims.sendable("orders", Place.RETRY, ++seq, null, attempts, Timing.DUE);
        return new Flight(claim, new Route("**", "web"), nowhere, now);
    }
}
