package io.bida.outbox;

import io.bida.message.MessageId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An undelivered message as it stands in the outbox, without its body.
 *
 * @param seq its number, in the order of insertion
 * @param scene the type where the row names none
 * @param attempts since it was published or last replayed
 * @param lastError why it is where it is
 * @param parkedAt when it came into its state; null for a pending one
 */
public record StoredMessage(
        long seq,
        MessageId id,
        MessageState state,
        String topic,
        String type,
        String scene,
        String bizId,
        @Nullable String orderingKey,
        int attempts,
        @Nullable String lastError,
        @Nullable Instant createdAt,
        @Nullable Instant dueAt,
        @Nullable Instant expiresAt,
        @Nullable Instant parkedAt) {}
