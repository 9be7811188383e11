package io.bida.relay;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A wait that others can end. A signal that comes early is kept for the next wait. Thread-safe. */
final class Pause {

    private final Semaphore signal = new Semaphore(0);

    void signal() {
        if (signal.availablePermits() == 0) {
            signal.release();
        }
    }

    void await(Duration atMost) throws InterruptedException {
        if (signal.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            signal.drainPermits();
        }
    }
}
