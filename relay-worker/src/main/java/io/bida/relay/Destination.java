package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Sender;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where routes lead.
 *
 * @param gate makes the gate through which its messages leave in one run
 * @param pickup where they are fetched; null where they are sent
 */
record Destination(
        String name,
        Function<Landings, Gate> gate,
        @Nullable Pickup pickup,
        Limits limits) {

    Destination(String name, Sender sender, Limits limits) {
        this(
                name,
                (ClaimSender) claims ->
                        sender.send(claims.stream().map(Claim.Sendable::message).toList()),
                limits);
    }

    Destination(String name, ClaimSender sender, Limits limits) {
        this(name, landings -> new SendGate(name, sender, landings), null, limits);
    }

    Destination(String name, Pickup pickup, Limits limits) {
        this(name, pickup::open, pickup, limits);
    }

    /** Whether its messages are taken at all. */
    boolean isWanted() {
        return pickup == null || pickup.isWanted();
    }

    /** @param wanted told when they are taken again after a long time in which they were not */
    void whenWanted(Runnable wanted) {
        if (pickup != null) {
            pickup.whenWanted(wanted);
        }
    }
}
