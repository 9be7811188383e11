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
    void aDrainBeginsWhenTheLastWriteHasEnded() {
        line.beginWrite();
        line.beginWrite();
        assertThat(line.beginDrain()).isFalse();
        assertThat(line.endWrite()).isFalse();
        assertThat(line.endWrite()).isTrue();
        assertThat(line.beginDrain()).isTrue();
        assertThat(line.beginDrain()).as("one at a time").isFalse();
        assertThat(line.endDrain()).isTrue();
    }

    @Test
    void aWriteDuringADrainMakesItsAnswerIncomplete() {
        assertThat(line.beginDrain()).isTrue();
        line.beginWrite();
        assertThat(line.endWrite()).as("nobody waits for it").isFalse();
        assertThat(line.endDrain()).isFalse();
    }

    @Test
    void aHeldOrUnwrittenLineIsNotIdle() {
        assertThat(line.isIdle()).isTrue();
        line.hold();
        assertThat(line.isIdle()).isFalse();
        line.release();
        line.beginWrite();
        assertThat(line.isIdle()).isFalse();
    }
}
