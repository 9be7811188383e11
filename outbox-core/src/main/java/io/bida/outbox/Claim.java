package io.bida.outbox;

import io.bida.message.Message;
import io.bida.message.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * One message as the relay read it: its place, what is known of its past, and the message itself, unless the row holds
 * none that could be sent.
 */
public sealed interface Claim {

    Row row();

    /** What of the payload is held in memory. */
    int bytes();

    /** A message that can be sent. */
    record Sendable(Row row, Message message) implements Claim {

        @Override
        public int bytes() {
            return message.payload().size();
        }
    }

    /** A row that a stranger's SQL wrote and that is no message: it goes to the dead letters with this reason. */
    record Unreadable(Row row, String reason) implements Claim {

        @Override
        public int bytes() {
            return 0;
        }
    }

    /** Which table the row was read from, and for the parked one, in which state. */
    enum Place {
        HOT,
        SCHEDULED,
        RETRY,
        HELD;

        public boolean isHot() {
            return this == HOT;
        }
    }

    /** Whether the message may be sent at the time of the read, by the database's clock. */
    enum Timing {
        DUE,
        EARLY,
        EXPIRED
    }

    /**
     * What the relay needs to know beside the message.
     *
     * @param seq its number in the hot table, kept when it is parked
     * @param epoch of the lease under which it was read
     * @param attempts made before
     */
    record Row(
            Place place,
            long seq,
            MessageId messageId,
            String topic,
            @Nullable String orderingKey,
            int shard,
            long epoch,
            int attempts,
            Timing timing) {}
}
