package io.bida.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/** Waits, looking again every millisecond. */
final class Patience {

    private static final Duration WITHOUT_PROGRESS = Duration.ofSeconds(60);

    private Patience() {}

    /** Answers whether the condition came to hold in time. */
    static boolean until(Callable<Boolean> condition, Duration atMost) throws Exception {
        return until(condition, () -> 0, atMost);
    }

    /** Fails when nothing moves for a minute. */
    static void until(String what, Callable<Boolean> condition, LongSupplier progress) throws Exception {
        if (!until(condition, progress, WITHOUT_PROGRESS)) {
            throw new IllegalStateException(what + ": nothing moved for " + WITHOUT_PROGRESS.toSeconds() + " s after "
                    + progress.getAsLong() + " messages");
        }
    }

    private static boolean until(Callable<Boolean> condition, LongSupplier progress, Duration still) throws Exception {
        long since = System.nanoTime();
        long before = progress.getAsLong();
        while (!condition.call()) {
            Thread.sleep(1);
            long now = progress.getAsLong();
            if (now != before) {
                before = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > still.toNanos()) {
                return false;
            }
        }
        return true;
    }
}
