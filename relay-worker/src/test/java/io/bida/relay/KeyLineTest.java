package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyLineTest {

    private final KeyLine line = new KeyLine("key", Claims.SHARD);

    @Test
    void thoseWaitingFollowInTheirOrder() {
        var first = Claims.hot(1, "key");
        var second = Claims.hot(2, "key");
        line.begin();
        line.await(first);
        line.await(second);
        assertThat(line.end()).isSameAs(first);
        assertThat(line.giveUp()).containsExactly(second);
        assertThat(line.end()).isNull();
        assertThat(line.isIdle()).isTrue();
    }

    @Test
    void aDrainBeginsWhenTheLastHeadIsWritten() {
        line.beginWrite(true);
        line.beginWrite(true);
        assertThat(line.beginDrain()).isFalse();
        assertThat(line.endWrite(true)).isFalse();
        assertThat(line.endWrite(true)).isTrue();
        assertThat(line.beginDrain()).isTrue();
        assertThat(line.beginDrain()).as("one at a time").isFalse();
        line.endDrain();
        assertThat(line.sawAll()).isTrue();
    }

    @Test
    void aSteadyInflowOfHeldMessagesKeepsNoDrainFromBeginning() {
        line.beginWrite(false);
        assertThat(line.beginDrain()).isTrue();
        line.endDrain();
        assertThat(line.sawAll()).as("what is being written was not read").isFalse();
        assertThat(line.sawHead()).isTrue();
    }

    @Test
    void aWriteDuringADrainMakesItsAnswerIncomplete() {
        assertThat(line.beginDrain()).isTrue();
        line.beginWrite(false);
        assertThat(line.endWrite(false)).as("nobody waits for it").isFalse();
        line.endDrain();
        assertThat(line.sawAll()).isFalse();
    }

    @Test
    void aHeldOrUnwrittenLineIsNotIdle() {
        assertThat(line.isIdle()).isTrue();
        line.hold();
        assertThat(line.isIdle()).isFalse();
        line.release();
        line.beginWrite(true);
        assertThat(line.isIdle()).isFalse();
    }
}
