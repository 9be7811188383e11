package io.bida.relay;

import io.bida.outbox.OutboxStore;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Handle;

/**
 * Removes, in small batches, what is kept for a time only. Of all relays of a database, the one that holds the first
 * shard does it.
 */
final class Housekeeper {

    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Duration ATTEMPTS = Duration.ofDays(7);
    private static final int BATCH = 1_000;
    private static final int FIRST_SHARD = 0;

    private final OutboxStore store;
    private final Session session;
    private final Supplier<Ownership> ownership;
    private final Duration history;
    private final Pause pause = new Pause();
    private volatile boolean stopping;

    /** @param history how long delivered messages are remembered */
    Housekeeper(OutboxStore store, Session session, Supplier<Ownership> ownership, Duration history) {
        this.store = store;
        this.session = session;
        this.ownership = ownership;
        this.history = history;
    }

    void turn() throws InterruptedException {
        if (ownership.get().leases().containsKey(FIRST_SHARD)) {
            purge(handle -> store.purgeHistory(handle, history, BATCH));
            purge(handle -> store.purgeAttempts(handle, ATTEMPTS.compareTo(history) > 0 ? ATTEMPTS : history, BATCH));
        }
        pause.await(EVERY);
    }

    void stop() {
        stopping = true;
        pause.signal();
    }

    private void purge(ToIntFunction<Handle> batch) {
        int purged = BATCH;
        while (purged == BATCH && !stopping) {
            purged = session.query(batch::applyAsInt);
        }
    }
}
