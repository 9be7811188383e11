/**
 * How messages leave and arrive. The way out: a {@link io.bida.transport.Sender} takes messages and answers a {@link
 * io.bida.transport.Receipt} for each. The way in: a {@link io.bida.transport.Receiver} gives each message to an {@link
 * io.bida.transport.Intake} and turns its {@link io.bida.transport.Answer} into the transport's acknowledgement.
 */
@NullMarked
package io.bida.transport;

import org.jspecify.annotations.NullMarked;
