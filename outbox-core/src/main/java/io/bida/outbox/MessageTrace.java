package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.message.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the tables know of one message.
 *
 * @param message as it waits; empty when it is not in the outbox any more, or not where it was looked through
 * @param unseenAfter the number after which the hot table was not looked through for it; null when all of it was
 * @param delivered its history; empty when it was not delivered, or is not remembered
 * @param failures its failed attempts, oldest first, of all its replays
 * @param blocker what stands before it when it is HELD
 * @param relay the relay that holds the message's shard now
 * @param now the database's clock
 */
public record MessageTrace(
        MessageId id,
        Optional<StoredMessage> message,
        @Nullable Long unseenAfter,
        Optional<Body> body,
        Optional<Delivered> delivered,
        List<Failure> failures,
        Optional<StoredMessage> blocker,
        Optional<String> relay,
        Instant now) {

    public MessageTrace {
        failures = List.copyOf(failures);
    }

    /** Whether the tables know it at all. */
    public boolean isKnown() {
        return message.isPresent() || delivered.isPresent() || !failures.isEmpty();
    }

    /** That it has a body, which is shown only when it is asked for. */
    public record Body(String contentType, long bytes) {}

    /**
     * What it carries.
     *
     * @param headers as stored; null for none
     */
    public record Content(@Nullable String headers, Payload payload) {}

    /** That it was delivered. */
    public record Delivered(
            String topic,
            String scene,
            String bizId,
            @Nullable String orderingKey,
            @Nullable Instant createdAt,
            @Nullable Instant deliveredAt,
            int attempts,
            @Nullable String proof,
            String node) {}

    /** One failed attempt. */
    public record Failure(
            int attempt,
            @Nullable Instant at,
            String node,
            String outcome,
            Duration took,
            @Nullable String error) {}
}
