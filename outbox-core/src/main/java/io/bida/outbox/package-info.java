/**
 * The way out. {@link io.bida.outbox.Outbox} is the application's door: it writes messages in the caller's transaction.
 * {@link io.bida.outbox.OutboxStore} is the relay's: it reads {@linkplain io.bida.outbox.Claim claims} and writes
 * {@linkplain io.bida.outbox.Settlement settlements}.
 */
@NullMarked
package io.bida.outbox;

import org.jspecify.annotations.NullMarked;
