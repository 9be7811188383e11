package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A destination to which nothing is sent: its messages are fetched, each by whoever asks for one, and handled on his
 * thread. What nobody has fetched is not under way: it waits at the relay, which drops it to be claimed anew, here or
 * elsewhere, when it ends, is paused or loses the lease. A relay from which nobody has fetched for a minute leaves the
 * shards to others that are there, until it is asked again. Thread-safe.
 */
public final class Pickup implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofMinutes(1);

    private final LongSupplier nanoClock;
    private final Set<Ask> asks = ConcurrentHashMap.newKeySet();
    private volatile @Nullable FetchGate gate;
    private volatile Runnable wanted = () -> {};
    private volatile long askedAt;
    private volatile boolean closed;

    public Pickup() {
        this(System::nanoTime);
    }

    Pickup(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.askedAt = nanoClock.getAsLong();
    }

    /**
     * Fetches the next message and has it handled on this thread.
     *
     * @param wait for one that is ready; nothing: only what is ready now
     * @param handler its receipt is judged as a sender's is, and so is what it throws: as no answer
     * @return false when none was ready in time, or it was closed
     * @throws InterruptedException when none was fetched
     */
    public boolean fetch(Duration wait, Function<Claim.Sendable, Receipt> handler) throws InterruptedException {
        Optional<Ask.Given> given = ask(new Ask(wait));
        given.ifPresent(message -> message.handle(handler));
        return given.isPresent();
    }

    private Optional<Ask.Given> ask(Ask ask) throws InterruptedException {
        boolean wasAway = !isWanted();
        asks.add(ask);
        try {
            FetchGate open = gate;
            if (closed || open == null) {
                return Optional.empty();
            }
            if (wasAway) {
                wanted.run();
            }
            open.ask(ask);
            return ask.await();
        } finally {
            askedAt = nanoClock.getAsLong();
            asks.remove(ask);
        }
    }

    /** Whether somebody waits. */
    boolean isAskedFor() {
        return !asks.isEmpty();
    }

    /** Whether somebody waits, or did not long ago. */
    boolean isWanted() {
        return isAskedFor() || nanoClock.getAsLong() - askedAt < PATIENCE.toNanos();
    }

    /** @param wanted told when somebody asks again after a long time */
    void whenWanted(Runnable wanted) {
        this.wanted = wanted;
    }

    /** For one run of its relay. */
    Gate open(Landings landings) {
        FetchGate opened = new FetchGate(landings);
        askedAt = nanoClock.getAsLong();
        gate = opened;
        return opened;
    }

    /** Nobody gets anything more; whoever waits goes away empty at once. For good. */
    @Override
    public void close() {
        closed = true;
        asks.forEach(Ask::none);
    }
}
