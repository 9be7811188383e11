/**
 * The mover. A message goes one way through three loops, each with its own thread and nothing in common but values:
 *
 * <ol>
 *   <li>{@code Claimer} reads what is new in the outbox and due among the parked, for the shards that {@code
 *       LeaseKeeper} holds;
 *   <li>{@code Shipper} routes each message, keeps the order of each key, sends, and lets {@code Judge} turn every
 *       receipt into a settlement;
 *   <li>{@code Settler} writes settlements in bulk: delivered rows are deleted, the others parked.
 * </ol>
 *
 * <p>Beside them, {@code Housekeeper} removes what is kept for a time only.
 *
 * <p>{@code InFlight} knows what is between the first read and the last write, so that nothing is sent twice meanwhile.
 */
@NullMarked
package io.bida.relay;

import org.jspecify.annotations.NullMarked;
