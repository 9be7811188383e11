package io.bida.outbox;

import io.bida.message.RefusedException;
import org.jspecify.annotations.Nullable;

/**
 * Who changes something, and why: for the audit.
 *
 * @param reason null for none given
 */
public record Operator(String name, @Nullable String reason) {

    private static final int MAX_NAME = 200;
    private static final int MAX_REASON = 1_000;

    public Operator {
        checked("name", name, MAX_NAME);
        if (name.isBlank()) {
            throw new RefusedException("An operator needs a name; nothing was changed.");
        }
        if (reason != null) {
            checked("reason", reason, MAX_REASON);
        }
    }

    private static void checked(String what, String text, int limit) {
        if (text.length() > limit || !text.equals(StoredText.head(text, limit))) {
            throw new RefusedException("The operator's " + what + " is longer than " + limit
                    + " characters, or holds some that no database takes; nothing was changed.");
        }
    }
}
