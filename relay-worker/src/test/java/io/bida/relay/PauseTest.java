package io.bida.relay;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final Pause pause = new Pause();

    @Test
    void aSignalThatCameEarlyEndsTheNextWait() {
        pause.signal();
        pause.signal();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> pause.await(LONG));
    }

    @Test
    void aSignalEndsTheWaitUnderWay() {
        Thread other = new Thread(pause::signal);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            other.start();
            pause.await(LONG);
        });
    }

    @Test
    void withoutASignalTheWaitEndsByItself() {
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> pause.await(Duration.ofMillis(1)));
    }
}
