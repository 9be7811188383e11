package io.bida.transport.memory;

import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each message to an {@link Intake} in the same process, on an executor, and turns its answer into a receipt.
 * Thread-safe.
 */
public final class MemorySender implements Sender {

    private static final Logger log = LoggerFactory.getLogger(MemorySender.class);

    private final Intake intake;
    private final Executor executor;
    private final Map<Object, CompletableFuture<Receipt>> underWay = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private MemorySender(Intake intake, Executor executor) {
        this.intake = intake;
        this.executor = executor;
    }

    /**
     * @param executor runs the intake; it stays the caller's, {@link #close} does not end it
     */
    public static MemorySender to(Intake intake, Executor executor) {
        return new MemorySender(intake, executor);
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        return messages.stream().map(this::send).toList();
    }

    @Override
    public void close() {
        closed = true;
        underWay.values()
                .forEach(receipt ->
                        receipt.complete(new Receipt.Unknown("The sender was closed before the answer came.")));
    }

    private CompletionStage<Receipt> send(Message message) {
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        Object delivery = new Object();
        underWay.put(delivery, receipt);
        if (closed) {
            settle(delivery, receipt, new Receipt.Failed("It was not sent: the sender is closed."));
            return receipt;
        }
        try {
            executor.execute(() -> settle(delivery, receipt, deliver(message)));
        } catch (RejectedExecutionException e) {
            settle(delivery, receipt, new Receipt.Failed("It was not sent: the executor took no more work."));
        }
        return receipt;
    }

    private void settle(Object delivery, CompletableFuture<Receipt> receipt, Receipt value) {
        underWay.remove(delivery);
        receipt.complete(value);
    }

    private Receipt deliver(Message message) {
        try {
            return receiptFor(intake.receive(message));
        } catch (RuntimeException | Error e) {
            log.warn("The intake threw on message {}; whether it was handled is unknown", message.id(), e);
            return new Receipt.Unknown("The intake threw " + e.getClass().getName() + ": " + e.getMessage());
        }
    }

    private static Receipt receiptFor(Answer answer) {
        if (answer instanceof Answer.Conflict conflict) {
            return new Receipt.Rejected(conflict.reason());
        }
        if (answer instanceof Answer.Rejected rejected) {
            return new Receipt.Rejected(rejected.reason());
        }
        if (answer instanceof Answer.Retry retry) {
            return new Receipt.Failed(retry.reason(), retry.after());
        }
        return new Receipt.Accepted(answer instanceof Answer.Duplicate ? "memory, a duplicate" : "memory");
    }
}
