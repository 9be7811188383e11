package io.bida.relay;

import io.bida.outbox.Claim;

/** A message on its way through a dock; compared by identity. */
final class Flight {

    final Claim.Sendable claim;
    final Route route;
    final Dock dock;
    /** When it came to the dock, then when it left, by the monotonic clock. */
    long since;

    Flight(Claim.Sendable claim, Route route, Dock dock, long since) {
        this.claim = claim;
        this.route = route;
        this.dock = dock;
        this.since = since;
    }
}
