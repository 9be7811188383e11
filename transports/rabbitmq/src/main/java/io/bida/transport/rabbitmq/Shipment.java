package io.bida.transport.rabbitmq;

import io.bida.transport.Receipt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A letter on its way and the receipt that is owed for it. Thread-safe but for what is said otherwise. */
final class Shipment {

    private final Letter letter;
    private final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile long writtenAt;
    private @Nullable String returned;

    Shipment(Letter letter) {
        this.letter = letter;
    }

    Letter letter() {
        return letter;
    }

    CompletableFuture<Receipt> receipt() {
        return receipt;
    }

    /** Whoever is answered true decides about it: the one who writes it, or one who gives it up unwritten. */
    boolean begin() {
        return begun.compareAndSet(false, true);
    }

    void giveUpUnwritten(Receipt.Failed why) {
        if (begin()) {
            receipt.complete(why);
        }
    }

    void writing(long now) {
        writtenAt = now;
    }

    long writtenAt() {
        return writtenAt;
    }

    /** Why the broker gave it back, null when it did not; for the connection's thread only. */
    @Nullable String returned() {
        return returned;
    }

    void returned(@Nullable String why) {
        returned = why;
    }
}
