/**
 * What every transport over a broker must do: {@link io.bida.transport.contract.TransportContract}, and {@link
 * io.bida.transport.contract.RoadContract} for the whole road through outbox, relay, broker and inbox. A transport inherits
 * both and gives them a {@link io.bida.transport.contract.Carrier}.
 */
@NullMarked
package io.bida.transport.contract;

import org.jspecify.annotations.NullMarked;
