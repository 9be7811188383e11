package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Sender;

/** A sender with the name that routes use. */
record Destination(String name, ClaimSender sender, Limits limits) {

    Destination(String name, Sender sender, Limits limits) {
        this(
                name,
                claims ->
                        sender.send(claims.stream().map(Claim.Sendable::message).toList()),
                limits);
    }
}
