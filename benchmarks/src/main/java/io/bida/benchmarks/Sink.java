package io.bida.benchmarks;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A destination that notes what arrives and keeps nothing. Thread-safe. */
final class Sink implements Sender {

    private static final int POISON_OF = 1_000;
    private static final CompletionStage<Receipt> ACCEPTED =
            CompletableFuture.completedStage(new Receipt.Accepted("sink"));
    private static final CompletionStage<Receipt> REJECTED =
            CompletableFuture.completedStage(new Receipt.Rejected("poison"));
    private static final CompletionStage<Receipt> FAILED =
            CompletableFuture.completedStage(new Receipt.Failed("HTTP 503"));
    private static final Executor LATER = CompletableFuture.delayedExecutor(2, TimeUnit.MILLISECONDS);

    private final String name;
    private final Behaviour behaviour;
    private final Arrivals arrivals;
    private final Queue<CompletableFuture<Receipt>> unanswered = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    Sink(String name, Behaviour behaviour, Arrivals arrivals) {
        this.name = name;
        this.behaviour = behaviour;
        this.arrivals = arrivals;
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        arrivals.note(name, messages);
        return switch (behaviour) {
            case AT_ONCE -> Collections.nCopies(messages.size(), ACCEPTED);
            case AFTER_2_MS -> later(messages.size());
            case POISONED ->
                messages.stream().map(m -> isPoison(m) ? REJECTED : ACCEPTED).toList();
            case FAILING -> Collections.nCopies(messages.size(), FAILED);
            case HANGING -> open(messages.size());
        };
    }

    private static List<CompletionStage<Receipt>> later(int messages) {
        CompletableFuture<Receipt> answer =
                CompletableFuture.supplyAsync(() -> new Receipt.Accepted("sink, later"), LATER);
        return Collections.nCopies(messages, answer);
    }

    private List<CompletionStage<Receipt>> open(int messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>(messages);
        for (int i = 0; i < messages; i++) {
            CompletableFuture<Receipt> stage = new CompletableFuture<>();
            unanswered.add(stage);
            stages.add(stage);
        }
        if (closed) {
            close();
        }
        return stages;
    }

    private static boolean isPoison(Message message) {
        return Arrivals.number(message) % POISON_OF == POISON_OF - 1;
    }

    /** Ends what it never answered, so that the relay need not wait for it when it closes. */
    @Override
    public void close() {
        closed = true;
        unanswered.forEach(stage -> stage.complete(new Receipt.Unknown("The run is over.")));
    }
}
