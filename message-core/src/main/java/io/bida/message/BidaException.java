package io.bida.message;

import org.jspecify.annotations.Nullable;

/**
 * Something that the caller must know: the message of the exception is one or more full sentences that say what
 * happened, what was kept and what to do.
 */
public class BidaException extends RuntimeException {

    public BidaException(String sentence) {
        super(sentence);
    }

    public BidaException(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
