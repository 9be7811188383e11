/**
 * The way in, stored mode. {@link io.bida.stored.StoredInbox} persists a message and acknowledges it; the relay's engine
 * then moves it from {@code bida_inbox_queue} to the handler, with the outbox's order, retry, parking and dead letters.
 */
@NullMarked
package io.bida.stored;

import org.jspecify.annotations.NullMarked;
