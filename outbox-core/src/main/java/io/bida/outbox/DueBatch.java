package io.bida.outbox;

import org.jspecify.annotations.Nullable;

/**
 * What a read of the due messages brought.
 *
 * @param read none of those that were known
 * @param next where to go on; null when there was nothing beyond it
 */
public record DueBatch(ClaimBatch read, @Nullable DuePlace next) {}
