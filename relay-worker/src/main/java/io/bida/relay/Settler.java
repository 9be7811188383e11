package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The last loop: collects settlements by size or by the age of the first, writes them in one transaction, and reports
 * them. What could not be written is kept and written later.
 */
final class Settler {

    private static final Duration MAX_AGE = Duration.ofMillis(2);
    private static final Duration IDLE = Duration.ofMillis(200);

    private final OutboxStore store;
    private final Session session;
    private final InFlight inFlight;
    private final int batch;
    private final Consumer<List<Settlement>> listener;
    private final BlockingQueue<Settlement> queue = new LinkedBlockingQueue<>();
    private final List<Settlement> writing = new ArrayList<>();
    private boolean oneByOne;
    private final AtomicInteger unwritten = new AtomicInteger();

    /** @param listener told what was written, in the order given */
    Settler(OutboxStore store, Session session, InFlight inFlight, int batch, Consumer<List<Settlement>> listener) {
        this.store = store;
        this.session = session;
        this.inFlight = inFlight;
        this.batch = batch;
        this.listener = listener;
    }

    void settle(List<Settlement> settlements) {
        unwritten.addAndGet(settlements.size());
        queue.addAll(settlements);
    }

    /** Waits until everything given so far is written. */
    void awaitQuiet(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (unwritten) {
            for (long left = end - System.nanoTime(); unwritten.get() > 0 && left > 0; left = end - System.nanoTime()) {
                unwritten.wait(Math.max(1, left / 1_000_000));
            }
        }
    }

    void turn() throws InterruptedException {
        if (writing.isEmpty()) {
            collect();
        }
        while (!writing.isEmpty()) {
            List<Settlement> now = List.copyOf(oneByOne ? writing.subList(0, 1) : writing);
            write(now);
            writing.subList(0, now.size()).clear();
            report(now);
            quieter(now.size());
        }
        oneByOne = false;
    }

    /** When a write fails, its settlements are written one by one from there on; the failing one comes last. */
    private void write(List<Settlement> now) {
        boolean done = false;
        try {
            session.transact(handle -> store.settle(handle, now));
            done = true;
        } finally {
            if (!done) {
                Collections.rotate(writing, oneByOne ? -1 : 0);
                oneByOne = true;
            }
        }
    }

    private void collect() throws InterruptedException {
        Settlement first = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            return;
        }
        writing.add(first);
        long end = System.nanoTime() + MAX_AGE.toNanos();
        while (writing.size() < batch) {
            queue.drainTo(writing, batch - writing.size());
            long left = end - System.nanoTime();
            if (left <= 0 || writing.size() >= batch) {
                return;
            }
            Settlement next = queue.poll(left, TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            writing.add(next);
        }
    }

    private void quieter(int written) {
        synchronized (unwritten) {
            unwritten.addAndGet(-written);
            unwritten.notifyAll();
        }
    }

    private void report(List<Settlement> written) {
        List<Claim.Row> rows = new ArrayList<>(written.size());
        written.forEach(settlement -> rows.add(settlement.claim().row()));
        inFlight.leave(rows);
        listener.accept(written);
    }
}
