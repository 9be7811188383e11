/**
 * CloudEvents 1.0 over NATS JetStream in binary mode. The way out: {@link io.bida.transport.nats.NatsSender}. The way in:
 * {@link io.bida.transport.nats.NatsReceiver}.
 */
@NullMarked
package io.bida.transport.nats;

import org.jspecify.annotations.NullMarked;
