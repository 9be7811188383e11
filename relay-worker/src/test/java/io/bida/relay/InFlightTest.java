package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final InFlight inFlight = new InFlight();
    private final Claim row = Claims.hot(7, "key");

    @Test
    void aRowEntersOnce() {
        assertThat(inFlight.enter(row)).isTrue();
        assertThat(inFlight.enter(row)).isFalse();
        assertThat(inFlight.size()).isEqualTo(1);
        assertThat(inFlight.ofShard(Claims.SHARD)).isEqualTo(1);
    }

    /** A read that had begun before the write was committed may still show the row. */
    @Test
    void whatWasWrittenIsForgottenAtTheNextReadOnly() {
        inFlight.enter(row);
        inFlight.leave(List.of(row));
        assertThat(inFlight.hasHot(7)).isTrue();
        assertThat(inFlight.enter(row)).isFalse();
        inFlight.forgetWritten();
        assertThat(inFlight.hasHot(7)).isFalse();
        assertThat(inFlight.ofShard(Claims.SHARD)).isZero();
        assertThat(inFlight.enter(row)).isTrue();
    }

    @Test
    void leavingTwiceCountsOnce() {
        inFlight.enter(row);
        inFlight.leave(List.of(row, row));
        inFlight.forgetWritten();
        assertThat(inFlight.ofShard(Claims.SHARD)).isZero();
        assertThat(inFlight.size()).isZero();
        assertThat(inFlight.bytes()).isZero();
    }

    @Test
    void itKnowsHowManyBytesOfPayloadItHolds() {
        inFlight.enter(row);
        inFlight.enter(row);
        inFlight.enter(Claims.unreadable("orders", Place.HOT, 8, null));
        assertThat(inFlight.bytes()).isEqualTo(row.bytes()).isEqualTo(2);
    }

    @Test
    void aParkedRowIsKnownByItsMessageInWhateverState() {
        Claim parked = Claims.parked(Place.RETRY, 7, "key");
        inFlight.enter(parked);
        assertThat(inFlight.hasHot(7)).isFalse();
        assertThat(inFlight.has(parked.row())).isTrue();
        assertThat(inFlight.enter(row)).isTrue();
    }
}
