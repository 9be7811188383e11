package io.bida.transport;

import java.util.regex.Pattern;

/** What is to become of a delivery; a receiver does it by its transport's own means. */
public sealed interface Verdict {

    /** Its fate is durable. Acknowledge it. */
    record Done() implements Verdict {}

    /**
     * It can never be handled, or was tried long enough. Keep it as a dead letter, and only then acknowledge it.
     *
     * @param reason shortened to {@value #MAX_REASON} characters, and without those that no transport carries: a dead letter
     *     that cannot be kept for its reason's sake would stay in everybody's way
     */
    record Dead(String reason) implements Verdict {

        /** In characters. */
        public static final int MAX_REASON = 1_000;

        /** The null character and halves of surrogate pairs. */
        private static final Pattern UNCARRIED = Pattern.compile("[\\x00\\p{Cs}]");

        public Dead {
            String head = reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON - 3) + "...";
            reason = UNCARRIED.matcher(head).replaceAll("?");
        }
    }

    /** The receiver is closing. Do not acknowledge it: it is to be delivered again. */
    record Left() implements Verdict {}
}
