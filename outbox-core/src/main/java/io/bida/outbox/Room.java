package io.bida.outbox;

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

    /** The same, for fewer messages. */
    public Room atMost(int limit) {
        return limit >= messages ? this : new Room(limit, bytes, largest);
    }
}
