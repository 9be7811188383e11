package io.bida.transport.rabbitmq;

import io.bida.transport.Receipt;
import java.util.List;

/** Shipments that were given together. Thread-safe; each is equal to itself only. */
final class Batch {

    static final Batch NONE = new Batch(List.of());

    private final List<Shipment> shipments;
    private final long since = System.nanoTime();

    Batch(List<Shipment> shipments) {
        this.shipments = shipments;
    }

    List<Shipment> shipments() {
        return shipments;
    }

    boolean isOlder(long nanos, long now) {
        return now - since > nanos;
    }

    void giveUpUnwritten(Receipt.Failed why) {
        shipments.forEach(each -> each.giveUpUnwritten(why));
    }
}
