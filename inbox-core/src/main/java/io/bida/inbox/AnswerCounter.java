package io.bida.inbox;

import io.bida.transport.Answer;
import java.util.concurrent.atomic.LongAdder;

/** Counts answers by kind. Thread-safe. */
final class AnswerCounter {

    private final LongAdder handled = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder retries = new LongAdder();

    void count(Answer answer) {
        if (answer instanceof Answer.Handled) {
            handled.increment();
        } else if (answer instanceof Answer.Duplicate) {
            duplicates.increment();
        } else if (answer instanceof Answer.Conflict) {
            conflicts.increment();
        } else if (answer instanceof Answer.Rejected) {
            rejected.increment();
        } else {
            retries.increment();
        }
    }

    InboxCounts counts() {
        return new InboxCounts(handled.sum(), duplicates.sum(), conflicts.sum(), rejected.sum(), retries.sum());
    }
}
