package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The last loop: collects settlements by size or by the age of the first, writes them in one transaction, and reports
 * them. What could not be written is kept and written later; rows that another transaction holds, such as that of a
 * relay that was paused in the middle of its own settlement, are stepped around.
 */
final class Settler {

    private static final Duration MAX_AGE = Duration.ofMillis(2);
    private static final Duration ASIDE = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofMillis(200);

    private final OutboxStore store;
    private final Session session;
    private final InFlight inFlight;
    private final int batch;
    private final BiConsumer<List<Settlement>, Duration> written;
    private final BlockingQueue<Settlement> queue = new LinkedBlockingQueue<>();
    private final List<Settlement> writing = new ArrayList<>();
    private final List<Settlement> aside = new ArrayList<>();
    private long asideUntil;
    private boolean oneByOne;
    private boolean careful;
    private final AtomicInteger unwritten = new AtomicInteger();

    /** @param written told what was written, in the order given, and how long that took */
    Settler(
            OutboxStore store,
            Session session,
            InFlight inFlight,
            int batch,
            BiConsumer<List<Settlement>, Duration> written) {
        this.store = store;
        this.session = session;
        this.inFlight = inFlight;
        this.batch = batch;
        this.written = written;
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
        takeUpAside();
        if (writing.isEmpty()) {
            collect();
        }
        while (!writing.isEmpty()) {
            List<Settlement> next = List.copyOf(oneByOne ? writing.subList(0, 1) : writing);
            long begin = System.nanoTime();
            List<Settlement> done = write(next);
            writing.subList(0, next.size()).clear();
            report(done, Duration.ofNanos(System.nanoTime() - begin));
            quieter(done.size());
        }
        oneByOne = false;
        careful = false;
    }

    /**
     * Answers what was written; the rest is locked by others and set aside. When the write fails, its settlements are
     * written one by one from there on, and one that fails by itself is set aside too.
     */
    private List<Settlement> write(List<Settlement> next) {
        boolean done = false;
        try {
            List<Settlement> written = careful ? writeUnlocked(next) : writeOrStepAside(next);
            done = true;
            return written;
        } finally {
            if (!done) {
                if (oneByOne) {
                    setAside(List.of(writing.remove(0)));
                }
                oneByOne = !writing.isEmpty();
            }
        }
    }

    private List<Settlement> writeOrStepAside(List<Settlement> next) {
        try {
            return session.transact(handle -> {
                store.settle(handle, next);
                return next;
            });
        } catch (RuntimeException e) {
            if (store.isLockWait(e)) {
                return writeUnlocked(next);
            }
            throw e;
        }
    }

    private List<Settlement> writeUnlocked(List<Settlement> next) {
        List<Settlement> unlocked = session.transact(handle -> {
            List<Settlement> free = store.unlocked(handle, next);
            store.settle(handle, free);
            return free;
        });
        if (unlocked.size() < next.size()) {
            Set<Settlement> free = Collections.newSetFromMap(new IdentityHashMap<>());
            free.addAll(unlocked);
            setAside(next.stream()
                    .filter(settlement -> !free.contains(settlement))
                    .toList());
        }
        return unlocked;
    }

    /** For a while, in which what comes after it is written. */
    private void setAside(List<Settlement> settlements) {
        aside.addAll(settlements);
        asideUntil = System.nanoTime() + ASIDE.toNanos();
    }

    private void takeUpAside() {
        if (writing.isEmpty() && !aside.isEmpty() && System.nanoTime() - asideUntil >= 0) {
            writing.addAll(aside);
            aside.clear();
            careful = true;
        }
    }

    private void collect() throws InterruptedException {
        Settlement first = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            session.rest();
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

    private void report(List<Settlement> done, Duration took) {
        List<Claim> claims = new ArrayList<>(done.size());
        done.forEach(settlement -> claims.add(settlement.claim()));
        inFlight.leave(claims);
        written.accept(done, took);
    }
}
