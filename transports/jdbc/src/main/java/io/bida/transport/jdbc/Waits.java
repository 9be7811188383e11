package io.bida.transport.jdbc;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The pause between two looks at the table: short after work, longer the longer there was none. Thread-safe. */
final class Waits {

    private static final long SHORTEST = 5;
    private static final long LONGEST = 500;

    private final Semaphore wakeUps = new Semaphore(0);
    private long pause = SHORTEST;

    /** A wake-up that comes before the pause begins ends it at once. */
    void wake() {
        wakeUps.release();
    }

    /** @param worked whether the look that ended found work */
    void await(boolean worked) throws InterruptedException {
        pause = worked ? SHORTEST : Math.min(pause * 2, LONGEST);
        if (wakeUps.tryAcquire(pause, TimeUnit.MILLISECONDS)) {
            wakeUps.drainPermits();
            pause = SHORTEST;
        }
    }

    /** The wait before a message that was not handled is given again: 1 s, 2 s, 4 s and so on, at most 5 minutes. */
    static Duration beforeAttempt(int attempts) {
        Duration longest = Duration.ofMinutes(5);
        Duration doubled = Duration.ofSeconds(1L << Math.min(attempts - 1, 20));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
