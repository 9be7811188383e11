package io.bida.transport;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The receipts that a sender still owes; those that are owed when it closes become unknown. Thread-safe. */
public final class PendingReceipts implements AutoCloseable {

    private final Set<CompletableFuture<Receipt>> owed = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** A receipt that somebody is going to complete; after {@link #close} it is complete already: not sent. */
    public CompletableFuture<Receipt> open() {
        CompletableFuture<Receipt> receipt = new Owed();
        owed.add(receipt);
        if (closed) {
            receipt.complete(new Receipt.Failed("It was not sent: the sender is closed."));
        }
        return receipt;
    }

    /** How many are owed. */
    public int size() {
        return owed.size();
    }

    /** No answer to what is owed now will come: a connection was lost, say. */
    public void lose(String reason) {
        owed.forEach(receipt -> receipt.complete(new Receipt.Unknown(reason)));
    }

    @Override
    public void close() {
        closed = true;
        lose("The sender was closed before the answer came.");
    }

    /** Leaves the set as soon as it is complete, by whichever way. */
    @SuppressWarnings("CollectionUndefinedEquality") // identity is meant
    private final class Owed extends CompletableFuture<Receipt> {

        @Override
        public boolean complete(Receipt receipt) {
            owed.remove(this);
            return super.complete(receipt);
        }

        @Override
        public boolean completeExceptionally(Throwable failure) {
            owed.remove(this);
            return super.completeExceptionally(failure);
        }
    }
}
