package io.bida.stored;

import io.bida.outbox.Claim;
import io.bida.relay.ClaimSender;
import io.bida.transport.Answer;
import io.bida.transport.Receipt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The threads on which a group's messages are handled, one message at a time each. Thread-safe. */
final class Workers implements ClaimSender, AutoCloseable {

    private final Function<Claim.Sendable, Receipt> door;
    private final ExecutorService threads;

    /** @param door where a message is handled */
    Workers(String group, int concurrency, Function<Claim.Sendable, Receipt> door) {
        this.door = door;
        AtomicInteger started = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(concurrency, work -> {
            Thread thread = new Thread(work, group + " worker " + started.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Claim.Sendable> claims) {
        return claims.stream()
                .<CompletionStage<Receipt>>map(claim -> CompletableFuture.supplyAsync(() -> door.apply(claim), threads))
                .toList();
    }

    /** What a relay takes an answer for. */
    static Receipt receipt(Answer answer) {
        if (answer instanceof Answer.Retry retry) {
            return new Receipt.Failed(retry.reason(), retry.after());
        }
        if (answer instanceof Answer.Rejected rejected) {
            return new Receipt.Rejected(rejected.reason());
        }
        if (answer instanceof Answer.Conflict conflict) {
            return new Receipt.Rejected(conflict.reason());
        }
        return new Receipt.Accepted(answer instanceof Answer.Duplicate ? "duplicate" : "handled");
    }

    /** A handler that still runs is not interrupted: its transaction ends as it would. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
