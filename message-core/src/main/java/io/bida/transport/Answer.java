package io.bida.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the receiving side did with one message; a transport turns it into its own acknowledgement. */
public sealed interface Answer {

    /**
     * The handler ran and its transaction committed. Acknowledge.
     *
     * @param outcome what the handler said of it; null: nothing
     */
    record Handled(@Nullable String outcome) implements Answer {

        public Handled() {
            this(null);
        }
    }

    /**
     * It was handled before; nothing was done now. Acknowledge.
     *
     * @param outcome what the handler said of it then; null: nothing
     */
    record Duplicate(@Nullable String outcome) implements Answer {

        public Duplicate() {
            this(null);
        }
    }

    /** Its biz-id was handled before with another payload; nothing was done now. Never to be taken: dead letter. */
    record Conflict(String reason) implements Answer {}

    /** It can never be handled. Dead letter. */
    record Rejected(String reason) implements Answer {}

    /**
     * Nothing was done; deliver it again.
     *
     * @param after the wait before the next delivery; null leaves it to the sender
     */
    record Retry(String reason, @Nullable Duration after) implements Answer {

        public Retry(String reason) {
            this(reason, null);
        }
    }
}
