package io.bida.transport.contract;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** What a relay does: one message of a key at a time, and again until it is accepted. */
final class Shipping {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int PAUSE_MILLIS = 50;

    private final Sender sender;
    private final AtomicInteger accepted = new AtomicInteger();

    Shipping(Sender sender) {
        this.sender = sender;
    }

    /** How many are accepted so far. */
    int accepted() {
        return accepted.get();
    }

    /** Returns when each message is accepted. */
    void ship(List<Message> messages) {
        Map<String, Queue<Message>> lines = new LinkedHashMap<>();
        for (Message message : messages) {
            String key = message.orderingKey();
            lines.computeIfAbsent(key == null ? message.id().toString() : key, line -> new ArrayDeque<>())
                    .add(message);
        }
        while (!lines.isEmpty()) {
            Collection<Queue<Message>> turn = List.copyOf(lines.values());
            List<Message> heads = turn.stream().map(Queue::element).toList();
            List<Receipt> receipts = send(heads);
            int before = accepted.get();
            int i = 0;
            for (Queue<Message> line : turn) {
                if (receipts.get(i++) instanceof Receipt.Accepted) {
                    line.remove();
                    accepted.incrementAndGet();
                }
            }
            lines.values().removeIf(Queue::isEmpty);
            if (accepted.get() == before) {
                pause();
            }
        }
    }

    /** One attempt; what did not answer in time is unknown. */
    List<Receipt> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = sender.send(messages);
        long end = System.nanoTime() + DEADLINE.toNanos();
        List<Receipt> receipts = new ArrayList<>();
        stages.forEach(stage -> receipts.add(receipt(stage.toCompletableFuture(), end)));
        return receipts;
    }

    private static Receipt receipt(CompletableFuture<Receipt> stage, long end) {
        try {
            return stage.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Receipt.Unknown("no answer");
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        } catch (ExecutionException e) {
            return new Receipt.Unknown(String.valueOf(e.getCause()));
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }
}
