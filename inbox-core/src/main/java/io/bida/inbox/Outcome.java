package io.bida.inbox;

import io.bida.message.BidaException;
import io.bida.message.Message;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What a handler says of a message that it handled. */
final class Outcome {

    private Outcome() {}

    /** Lets the handler handle the message; null when it has nothing to say. */
    static @Nullable String of(Handler handler, Handle tx, Message message) throws Exception {
        if (handler instanceof OutcomeHandler telling) {
            return checked(telling.outcome(tx, message));
        }
        handler.handle(tx, message);
        return null;
    }

    /** It is kept exactly or not at all. */
    private static @Nullable String checked(@Nullable String outcome) {
        if (outcome == null) {
            return null;
        }
        int length = outcome.codePointCount(0, outcome.length());
        if (length > OutcomeHandler.MAX_OUTCOME) {
            throw new BidaException("The handler's outcome has " + length + " characters, at most "
                    + OutcomeHandler.MAX_OUTCOME + " are kept, and it is not truncated. Keep the rest in a table.");
        }
        if (outcome.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
            throw new BidaException("The handler's outcome contains a null character or half of a surrogate pair, which"
                    + " no database keeps exactly.");
        }
        return outcome;
    }
}
