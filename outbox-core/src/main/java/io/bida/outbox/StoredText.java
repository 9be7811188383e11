package io.bida.outbox;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a stranger said, as every database takes it: a text that one refuses would stop all settlements. */
final class StoredText {

    /** Characters of last_error, error. */
    static final int MAX_ERROR = 1_000;

    /** Characters of proof. */
    static final int MAX_PROOF = 200;

    /** The null character and halves of surrogate pairs. */
    private static final Pattern UNSTORABLE = Pattern.compile("[\\x00\\p{Cs}]");

    private StoredText() {}

    static @Nullable String head(@Nullable String text, int length) {
        if (text == null) {
            return null;
        }
        String head = text.length() <= length ? text : text.substring(0, length - 3) + "...";
        return UNSTORABLE.matcher(head).replaceAll("?");
    }
}
