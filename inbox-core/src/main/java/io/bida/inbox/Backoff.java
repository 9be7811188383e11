package io.bida.inbox;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The wait before a transaction that lost against another one is repeated. */
@FunctionalInterface
interface Backoff {

    /** About 10, 20, 40 ms and so on, half of it by chance, so that two that met do not meet again. */
    Backoff JITTERED = repeat -> {
        long half = 5L << Math.min(repeat, 8);
        TimeUnit.MILLISECONDS.sleep(half + ThreadLocalRandom.current().nextLong(half + 1));
    };

    /** @param repeat 0 before the first repeat */
    void pause(int repeat) throws InterruptedException;
}
