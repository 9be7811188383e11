package io.bida.outbox;

import java.util.Collection;

/**
 * How much a read may bring.
 *
 * @param messages at most
 * @param bytes of payload at most; a first message that alone is larger is brought all the same, so that it is not stuck
 * @param largest payload in bytes that can be held at all; a message with a larger one is {@link Claim.Unreadable}
 */
public record Room(int messages, long bytes, long largest) {

    public Room {
        if (messages < 1 || bytes < 1 || largest < 1) {
            throw new IllegalArgumentException("No room: " + messages + " messages, " + bytes + " bytes, " + largest);
        }
    }

    /** What is left of it beside these; room for one at least. */
    public Room without(Collection<Claim> claims) {
        long taken = claims.stream().mapToLong(Claim::bytes).sum();
        return new Room(Math.max(1, messages - claims.size()), Math.max(1, bytes - taken), largest);
    }

    /** The same, for fewer messages. */
    public Room atMost(int limit) {
        return limit >= messages ? this : new Room(limit, bytes, largest);
    }
}
