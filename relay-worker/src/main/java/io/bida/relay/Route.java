package io.bida.relay;

import io.bida.message.BidaException;

/** Stub, dropped at merge. */
public record Route(String pattern, String to, boolean holdOnDead) {

    public Route {
        if (pattern.isBlank()) {
            throw new BidaException("A route's pattern is empty.");
        }
    }
}
