package io.bida.inbox;

import io.bida.transport.Answer;

/**
 * What is answered to a message whose biz-id was handled before with another payload. It is never handled. It is counted,
 * logged, and first of all written into {@code bida_inbox_conflict} with both hashes, once for each payload: when it cannot
 * be written there, the answer is retry.
 */
public enum ConflictPolicy {

    /** Conflict: the transport keeps the message as dead, at the receiver where it has a place for it, else at the sender. */
    DEAD {
        @Override
        Answer answer(Answer.Conflict conflict, Entry earlier) {
            return conflict;
        }
    },

    /** Rejected: the sender is told what it is told of any message that can never be handled. */
    REJECT {
        @Override
        Answer answer(Answer.Conflict conflict, Entry earlier) {
            return new Answer.Rejected(conflict.reason());
        }
    },

    /** Duplicate, with the outcome of the first: the message is acknowledged, and its payload gone; the entry stays. */
    ACKNOWLEDGE {
        @Override
        Answer answer(Answer.Conflict conflict, Entry earlier) {
            return new Answer.Duplicate(earlier.outcome());
        }
    };

    abstract Answer answer(Answer.Conflict conflict, Entry earlier);
}
