package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A dock for ten, among others. */
class DockTest {

    private static final int CAPACITY = 10;
    private static final Receipt OK = new Receipt.Accepted("ok");
    private static final Receipt BUSY = new Receipt.Failed("busy");

    private final RecordingSender web = new RecordingSender();
    private final List<Flight> flights = new ArrayList<>();
    private long now = 7;
    private final List<String> told = new ArrayList<>();
    private final RelayListener listener = new RelayListener() {
        @Override
        public void destinationDown(String destination, String reason) {
            told.add(destination + " down: " + reason);
        }

        @Override
        public void destinationUp(String destination, Duration wasDown) {
            told.add(destination + " up after " + wasDown.toSeconds() + " s");
        }
    };
    private Dock dock = dock(Limits.DEFAULT, false);

    @Test
    void whatBoardsDepartsInOrder() {
        board(3);
        depart();
        assertThat(web.sent).containsExactly("1", "2", "3");
    }

    @Test
    void noMoreAreUnderWayThanTheDestinationTakesAtATime() {
        dock = dock(new Limits(2, 0, Duration.ofSeconds(60), 10), false);
        board(5);
        depart();
        assertThat(web.sent).hasSize(2);
        depart();
        assertThat(web.sent).hasSize(2);
        land(1, OK);
        depart();
        assertThat(web.sent).containsExactly("1", "2", "3");
    }

    /** Or the shipper would look without a pause as long as its destination is busy. */
    @Test
    void whatWaitsForAReceiptIsNotLookedAtBefore() {
        dock = dock(new Limits(2, 0, Duration.ofSeconds(60), 10), false);
        board(3);
        assertThat(dock.untilNext()).isZero();
        depart();
        assertThat(dock.untilNext()).isGreaterThan(Duration.ofMinutes(1));
        land(1, OK);
        assertThat(dock.untilNext()).isZero();
    }

    @Test
    void noMoreDepartThanItsRateAllows() {
        dock = dock(new Limits(0, 20, Duration.ofSeconds(60), 10), false);
        board(5);
        depart();
        assertThat(web.sent).hasSize(2);
        assertThat(dock.untilNext()).isEqualTo(Duration.ofMillis(50));
        now += Duration.ofMillis(50).toNanos();
        depart();
        assertThat(web.sent).hasSize(3);
    }

    @Test
    void whatIsUnderWayForLongerThanTheDeadlineIsOverdue() {
        dock = dock(new Limits(0, 0, Duration.ofSeconds(5), 10), false);
        board(1);
        depart();
        now += Duration.ofSeconds(1).toNanos();
        board(1);
        depart();
        now += Duration.ofSeconds(4).toNanos();
        assertThat(dock.overdue()).containsExactly(flights.get(0));
        assertThat(dock.unanswered()).isEqualTo(new Receipt.Unknown("No answer within 5000 ms."));
    }

    @Test
    void aReceiptBeyondTheFirstChangesNothing() {
        board(1);
        depart();
        assertThat(land(1, OK)).isTrue();
        assertThat(land(1, BUSY)).isFalse();
    }

    @Test
    void whatIsBeyondItsRoomWaitsForASecondAndIsGivenUpThen() {
        board(15);
        depart();
        assertThat(web.sent).hasSize(CAPACITY);
        assertThat(dock.giveUp()).isEmpty();
        now += Duration.ofSeconds(1).toNanos() + 1;
        assertThat(dock.giveUp())
                .extracting(given -> given.flight().claim.row().seq())
                .containsExactly(15L, 14L, 13L, 12L, 11L);
        board(1);
        assertThat(dock.giveUp()).as("now it is known to be slow").hasSize(1);
        for (int i = 1; i <= 5; i++) {
            land(i, OK);
        }
        assertThat(dock.giveUp()).isEmpty();
        board(7);
        assertThat(dock.giveUp()).as("now no more").isEmpty();
    }

    @Test
    void whereThereIsNoOtherDestinationNothingIsInTheWay() {
        dock = dock(Limits.DEFAULT, true);
        board(15);
        depart();
        now += Duration.ofMinutes(1).toNanos();
        assertThat(dock.giveUp()).isEmpty();
    }

    @Test
    void whatIsGivenUpForSlownessComesAgainAtThePaceOfTheDestination() {
        dock = dock(new Limits(1, 0, Duration.ofSeconds(60), 10), false);
        board(22);
        for (int i = 1; i <= 4; i++) {
            depart();
            now += Duration.ofMillis(500).toNanos();
            land(i, OK);
        }
        List<Dock.GivenUp> given = dock.giveUp();
        assertThat(given).hasSize(8);
        assertThat(given.get(0).shut().reason()).startsWith("web takes messages more slowly than they come");
        assertThat(given).extracting(each -> each.shut().delay().toMillis()).isSorted();
        Duration apart = given.get(7).shut().delay().minus(given.get(6).shut().delay());
        assertThat(apart).isBetween(Duration.ofMillis(400), Duration.ofMillis(1_100));
    }

    @Test
    void aDestinationThatIsDownIsProbedWithOneMessageAndTheOthersComeLater() {
        takeDown();
        board(3);
        assertThat(dock.giveUp()).hasSize(3).allSatisfy(given -> {
            assertThat(given.shut().reason()).isEqualTo("web takes nothing at present: busy");
            assertThat(given.shut().delay()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        });
        now += Duration.ofSeconds(1).toNanos();
        board(3);
        assertThat(dock.giveUp()).hasSize(2);
        depart();
        assertThat(web.sent).hasSize(11);
        board(1);
        assertThat(dock.giveUp()).as("one probe at a time").hasSize(1);
    }

    @Test
    void theProbeIsTheMessageThatHasFailedLeast() {
        takeDown();
        now += Duration.ofSeconds(1).toNanos();
        for (int attempts : new int[] {3, 0, 5}) {
            Claim.Sendable claim = Claims.sendable("orders", Place.RETRY, 100 + attempts, null, attempts, Timing.DUE);
            dock.board(new Flight(claim, new Route("**", "web"), dock, now));
        }
        assertThat(dock.giveUp()).hasSize(2);
        depart();
        assertThat(web.sent).endsWith("100");
    }

    @Test
    void itTellsThatItsDestinationIsDownAndThatItIsUp() {
        takeDown();
        assertThat(told).hasSize(1);
        assertThat(told.get(0)).startsWith("web down: ");
        now += Duration.ofSeconds(3).toNanos();
        board(1);
        depart();
        land(flights.size(), OK);
        assertThat(told).hasSize(2).endsWith("web up after 3 s");
    }

    @Test
    void itKnowsTheOldestMessageInIt() {
        assertThat(dock.look()).isEqualTo(new Dock.Berth("web", Optional.empty(), 0, false));
        board(2);
        assertThat(dock.look().inFlight()).isEqualTo(2);
        assertThat(dock.look().oldest())
                .isEqualTo(Optional.ofNullable(flights.get(0).claim.message().createdAt()));
    }

    /** The survey of the table knows since when it is due. */
    @Test
    void aMessageThatHadATimeOfItsOwnIsNotAsOldAsItsInsert() {
        dock.board(new Flight(Claims.parked(Place.SCHEDULED, 1, "a"), new Route("**", "web"), dock, now));
        assertThat(dock.look()).isEqualTo(new Dock.Berth("web", Optional.empty(), 1, false));
    }

    @Test
    void theLongerItIsDownTheLaterTheMessagesComeAgain() {
        takeDown();
        now += Duration.ofMinutes(4).toNanos();
        board(2);
        assertThat(dock.giveUp().get(0).shut().delay()).isEqualTo(Duration.ofMinutes(2));
        now += Duration.ofHours(4).toNanos();
        board(2);
        assertThat(dock.giveUp().get(0).shut().delay()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aDestinationThatIsBackIsGivenMoreAndMore() {
        takeDown();
        now += Duration.ofSeconds(1).toNanos();
        board(1);
        depart();
        assertThat(land(11, OK)).isTrue();
        assertThat(dock.isDown()).isFalse();
        board(9);
        depart();
        assertThat(web.sent).hasSize(13);
        land(12, OK);
        land(13, OK);
        depart();
        assertThat(web.sent).hasSize(17);
    }

    @Test
    void aDestinationThatIsBackAsksForWhatWasGivenUpUntilThereIsNoMore() {
        assertThat(dock.asks()).isFalse();
        takeDown();
        board(1);
        dock.giveUp();
        assertThat(dock.asks()).as("it is down").isFalse();
        now += Duration.ofSeconds(1).toNanos();
        board(1);
        depart();
        land(12, OK);
        assertThat(dock.asks()).isTrue();
        assertThat(dock.asks()).as("one question at a time").isFalse();
        dock.answered(true);
        board(6);
        assertThat(dock.asks()).as("it has enough").isFalse();
        depart();
        land(13, OK);
        assertThat(dock.asks()).isTrue();
        dock.answered(false);
        assertThat(dock.asks()).isFalse();
    }

    @Test
    void aRejectedMessageSpeaksForItsDestination() {
        board(10);
        depart();
        for (int i = 1; i <= 10; i++) {
            land(i, new Receipt.Rejected("malformed"));
        }
        assertThat(dock.isDown()).isFalse();
    }

    private void takeDown() {
        board(10);
        depart();
        for (int i = 1; i <= 10; i++) {
            land(i, BUSY);
        }
        assertThat(dock.isDown()).isTrue();
        assertThat(dock.shut()).isPresent();
    }

    private void board(int messages) {
        for (int i = 0; i < messages; i++) {
            Flight flight = new Flight(Claims.hot(flights.size() + 1L, null), new Route("**", "web"), dock, now);
            flights.add(flight);
            dock.board(flight);
        }
    }

    private void depart() {
        List<Flight> next = dock.next();
        if (!next.isEmpty()) {
            dock.depart(next);
        }
    }

    private boolean land(int flight, Receipt receipt) {
        return dock.land(flights.get(flight - 1), receipt);
    }

    private Dock dock(Limits limits, boolean alone) {
        Landings landings = new Landings(event -> {}, (flight, receipt) -> {});
        return new Dock(new Destination("web", web, limits), CAPACITY, alone, landings, () -> now, () -> 0.5, listener);
    }
}
