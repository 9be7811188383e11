package io.bida.benchmarks;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a transport does by itself, without an outbox: messages that are at hand, some of them under way at a time. */
final class Shipping {

    private static final int BATCH = 500;
    private static final int UNDER_WAY = 8_000;

    private final Semaphore room = new Semaphore(UNDER_WAY);
    private final AtomicReference<Object> failure = new AtomicReference<>();

    private Shipping() {}

    /** Messages per second, timed from the first batch sent to the last receipt. */
    static double perSecond(Sender sender, int bytes, int messages) throws InterruptedException {
        Payload payload = Payload.wrap(new byte[bytes]);
        List<Message> all = IntStream.range(0, messages)
                .mapToObj(number -> Message.to("orders.placed")
                        .type("OrderPlaced")
                        .bizId("order-" + number)
                        .payload(payload)
                        .build())
                .toList();
        return new Shipping().ship(sender, all);
    }

    private double ship(Sender sender, List<Message> messages) throws InterruptedException {
        long begin = Clock.micros();
        for (int first = 0; first < messages.size(); first += BATCH) {
            List<Message> batch = messages.subList(first, Math.min(first + BATCH, messages.size()));
            room.acquire(batch.size());
            for (CompletionStage<Receipt> receipt : sender.send(batch)) {
                receipt.whenComplete(this::arrived);
            }
        }
        room.acquire(UNDER_WAY);
        long end = Clock.micros();
        Object failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("not every message was accepted: " + failed);
        }
        return messages.size() * 1e6 / (end - begin);
    }

    private void arrived(@Nullable Receipt receipt, @Nullable Throwable thrown) {
        if (!(receipt instanceof Receipt.Accepted)) {
            failure.compareAndSet(null, receipt == null ? thrown : receipt);
        }
        room.release();
    }
}
