package io.bida.relay;

import io.bida.transport.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings receipts, from whichever thread they come, to the shipper's mailbox; those that a sender gives at once, while it
 * is sending, come as one event. Thread-safe.
 */
final class Landings {

    private final Consumer<Runnable> mailbox;
    private final BiConsumer<Flight, Receipt> receive;
    private final List<Runnable> atOnce = new ArrayList<>();
    private volatile @Nullable Thread sending;

    Landings(Consumer<Runnable> mailbox, BiConsumer<Flight, Receipt> receive) {
        this.mailbox = mailbox;
        this.receive = receive;
    }

    /** Runs what sends, on the shipper's thread. */
    void during(Runnable sends) {
        sending = Thread.currentThread();
        sends.run();
        sending = null;
        if (!atOnce.isEmpty()) {
            List<Runnable> all = List.copyOf(atOnce);
            atOnce.clear();
            mailbox.accept(() -> all.forEach(Runnable::run));
        }
    }

    /** Runs an event on the shipper's thread, after those that came before. */
    void post(Runnable event) {
        mailbox.accept(event);
    }

    void await(Flight flight, CompletionStage<Receipt> answer) {
        answer.whenComplete((receipt, failure) -> landed(flight, receipt, failure));
    }

    /** Whatever is not an answer is unknown, never success. */
    private void landed(Flight flight, @Nullable Receipt receipt, @Nullable Throwable failure) {
        land(flight, receipt != null && failure == null ? receipt : new Receipt.Unknown("No answer: " + failure));
    }

    void land(Flight flight, Receipt receipt) {
        Runnable landing = () -> receive.accept(flight, receipt);
        if (Thread.currentThread().equals(sending)) {
            atOnce.add(landing);
        } else {
            mailbox.accept(landing);
        }
    }
}
