package io.bida.relay;

import java.util.function.LongSupplier;

/** How many a second there were, over the last second or two. For one thread. */
final class Pace {

    private static final long SECOND = 1_000_000_000;

    private final LongSupplier nanoClock;
    private long begun;
    private int counted;
    private double before;

    Pace(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.begun = nanoClock.getAsLong();
    }

    void count() {
        roll();
        counted++;
    }

    double perSecond() {
        roll();
        return before;
    }

    private void roll() {
        long took = nanoClock.getAsLong() - begun;
        if (took >= SECOND) {
            before = (double) counted * SECOND / took;
            counted = 0;
            begun += took;
        }
    }
}
