package io.bida.outbox;

import org.jspecify.annotations.Nullable;

/**
 * How far the messages that were deferred have been made due.
 *
 * @param messages that are due now
 * @param last where to go on; null when there are no more
 */
public record Hastened(int messages, @Nullable DuePlace last) {}
