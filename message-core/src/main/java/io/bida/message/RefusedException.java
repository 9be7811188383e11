package io.bida.message;

/** A value was refused with its reason before anything was written or sent. */
public final class RefusedException extends BidaException {

    public RefusedException(String sentence) {
        super(sentence);
    }
}
