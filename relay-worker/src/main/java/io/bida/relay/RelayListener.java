package io.bida.relay;

import io.bida.message.MessageId;
import io.bida.outbox.Settlement;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Told what a relay does, on the relay's own threads, of which several may call at once: an implementation is thread-safe
 * and returns soon. What it throws is logged, and the relay goes on. Each method does nothing unless it is overridden.
 */
public interface RelayListener {

    /** Hears nothing. */
    RelayListener NONE = new RelayListener() {};

    /** A destination answered, or the time for its answer ran out. */
    default void attempted(Attempt attempt) {}

    /** Messages were read. */
    default void claimed(int messages, Duration took) {}

    /** What became of messages was written. */
    default void settled(Settled settled) {}

    /** A message will not be sent again unless an operator says so. */
    default void died(MessageId messageId, String topic, String reason) {}

    /** A destination is sent nothing but single probes until it takes one. */
    default void destinationDown(String destination, String reason) {}

    /** A destination takes messages again. */
    default void destinationUp(String destination, Duration wasDown) {}

    /**
     * The relay's share of the shards changed.
     *
     * @param held from now on
     * @param lost of those held before, without having been given up: the relay was paused or cut off
     */
    default void shardsChanged(int held, int lost) {}

    /** How things stand; every 10 seconds while the database answers. */
    default void looked(Overview overview) {}

    /**
     * One attempt to deliver one message.
     *
     * @param took from the hand-over to the sender to its receipt
     * @param age of the message by the database's clock, from its insert; empty for one that had a time of its own
     */
    record Attempt(String destination, Receipt receipt, Duration took, Optional<Duration> age) {

        public boolean isAccepted() {
            return receipt instanceof Receipt.Accepted;
        }
    }

    /**
     * What became of one batch.
     *
     * @param delivered left the outbox
     * @param retrying failed, and will be sent again
     * @param deferred wait for a destination that takes nothing at present, without an attempt being counted
     * @param held wait behind an earlier message of their ordering key
     * @param scheduled wait for their own time
     * @param dead wait for an operator
     * @param took the transaction
     */
    record Settled(int delivered, int retrying, int deferred, int held, int scheduled, int dead, Duration took) {

        static Settled of(List<Settlement> settlements, Duration took) {
            Map<Class<?>, Long> counts =
                    settlements.stream().collect(Collectors.groupingBy(Object::getClass, Collectors.counting()));
            return new Settled(
                    count(counts, Settlement.Delivered.class),
                    count(counts, Settlement.Retry.class),
                    count(counts, Settlement.Deferred.class),
                    count(counts, Settlement.Held.class),
                    count(counts, Settlement.Scheduled.class),
                    count(counts, Settlement.Dead.class),
                    took);
        }

        private static int count(Map<Class<?>, Long> counts, Class<? extends Settlement> outcome) {
            return counts.getOrDefault(outcome, 0L).intValue();
        }
    }

    /**
     * How the outbox and this relay stand.
     *
     * @param destinations by name
     * @param inFlight messages between claim and settlement in this relay
     * @param waiting in the hot table beyond what this relay has read, all shards together; an estimate
     * @param parked messages of the database per state; what exceeds {@link #CAP} is counted as that
     */
    record Overview(Map<String, Standing> destinations, int inFlight, long waiting, Map<String, Long> parked) {

        public static final int CAP = 10_000;

        public Overview {
            destinations = Map.copyOf(destinations);
            parked = Map.copyOf(parked);
        }
    }

    /**
     * How one destination stands.
     *
     * @param oldestDue the age of the oldest message for it that is due and not delivered, as far as it was seen: in
     *     flight here, or among the {@link Overview#CAP} parked ones that are due first
     * @param inFlight of this relay
     * @param down whether nothing but probes is sent
     */
    record Standing(Optional<Duration> oldestDue, int inFlight, boolean down) {}
}
