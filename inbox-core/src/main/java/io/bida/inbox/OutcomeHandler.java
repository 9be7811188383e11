package io.bida.inbox;

import io.bida.message.Message;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A handler that leaves a short text, its outcome, in the ledger; whoever delivers the message again gets it with the
 * answer.
 *
 * <pre>{@code
 * OutcomeHandler reserve = (tx, m) -> "reservation " + reserved(tx, m);
 * }</pre>
 */
@FunctionalInterface
public interface OutcomeHandler extends Handler {

    /** The most characters (code points) of an outcome. */
    int MAX_OUTCOME = 1_000;

    /**
     * As {@link #handle}.
     *
     * @return at most {@value #MAX_OUTCOME} characters, kept exactly; a longer one is a failure of the handler; null: none
     */
    @Nullable String outcome(Handle tx, Message message) throws Exception;

    @Override
    default void handle(Handle tx, Message message) throws Exception {
        outcome(tx, message);
    }
}
