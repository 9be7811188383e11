package io.bida.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

final class Waits {

    private Waits() {}

    /** An interrupt ends the pause and stays set. */
    static void sleep(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An interrupt ends the wait and stays set. */
    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
