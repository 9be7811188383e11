package io.bida.relay;

import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Claims as a store would read them. The key's shard is 1, and the lease's epoch 1. */
final class Claims {

    static final int SHARD = 1;
    static final long EPOCH = 1;
    static final Instant CREATED = Instant.parse("2026-11-01T12:00:00Z");

    private Claims() {}

    static Claim.Sendable hot(long seq, @Nullable String key) {
        return sendable("orders", Place.HOT, seq, key, 0, Timing.DUE);
    }

    static Claim.Sendable parked(Place place, long seq, String key) {
        return sendable("orders", place, seq, key, place == Place.RETRY ? 1 : 0, Timing.DUE);
    }

    static Claim.Sendable sendable(
            String topic, Place place, long seq, @Nullable String key, int attempts, Timing timing) {
        Message message = Message.to(topic)
                .type("OrderPlaced")
                .bizId(String.valueOf(seq))
                .orderingKey(key)
                .payload("{}")
                .createdAt(CREATED)
                .build();
        return new Claim.Sendable(row(topic, message.id(), place, seq, key, attempts, timing), message);
    }

    static Claim.Unreadable unreadable(String topic, Place place, long seq, @Nullable String key) {
        return new Claim.Unreadable(row(topic, MessageId.next(), place, seq, key, 0, Timing.DUE), "no headers");
    }

    private static Claim.Row row(
            String topic, MessageId id, Place place, long seq, @Nullable String key, int attempts, Timing timing) {
        return new Claim.Row(place, seq, id, topic, key, SHARD, EPOCH, attempts, timing);
    }
}
