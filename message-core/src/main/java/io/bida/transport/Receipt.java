package io.bida.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of one message that a {@link Sender} was given. */
public sealed interface Receipt {

    /**
     * The other side has it, durably.
     *
     * @param proof the transport's coordinates, such as a partition and offset or an HTTP status
     */
    record Accepted(String proof) implements Receipt {}

    /** This message can never be taken, however often it is sent. */
    record Rejected(String reason) implements Receipt {}

    /**
     * It was not taken this time.
     *
     * @param retryAfter the wait the other side asked for; null when it named none
     * @param unavailable whether it certainly was no fault of the message: the other side could not be reached
     */
    record Failed(String reason, @Nullable Duration retryAfter, boolean unavailable) implements Receipt {

        public Failed(String reason) {
            this(reason, null, false);
        }

        public Failed(String reason, @Nullable Duration retryAfter) {
            this(reason, retryAfter, false);
        }

        /** The other side takes nothing at present. */
        public static Failed unavailable(String reason, @Nullable Duration retryAfter) {
            return new Failed(reason, retryAfter, true);
        }
    }

    /** It was sent, or may have been, and no answer came: it may have been taken. */
    record Unknown(String reason) implements Receipt {}
}
