package io.bida.message;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The inner message id: globally unique, meaningless to the business. Every re-send of a message carries the same one,
 * so transports and receivers drop a re-send by it.
 *
 * @param uuid UUIDv7 (RFC 9562) when {@linkplain #next() made here}; any UUID when made by a database for a producer
 *     that writes plain SQL
 */
public record MessageId(UUID uuid) implements Comparable<MessageId> {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A new UUIDv7: 48 bits of milliseconds, 74 random bits. Thread-safe. */
    public static MessageId next() {
        byte[] random = new byte[10];
        RANDOM.nextBytes(random);
        ByteBuffer bits = ByteBuffer.wrap(random);
        long high = (System.currentTimeMillis() << 16) | 0x7000L | (bits.getShort() & 0x0FFFL);
        long low = (bits.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new MessageId(new UUID(high, low));
    }

    /** Reads the canonical UUID text, such as {@code 01890a5d-ac96-774b-bcce-b302099a8057}. */
    public static MessageId parse(String text) {
        try {
            UUID uuid = UUID.fromString(text);
            // UUID.fromString takes short groups; a message id has one text form only.
            if (uuid.toString().equalsIgnoreCase(text)) {
                return new MessageId(uuid);
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw new RefusedException("'" + Text.shown(text) + "' is no message id: a canonical UUID text is expected.");
    }

    /** Reads the 16 bytes as a database stores them. */
    public static MessageId of(byte[] bytes) {
        if (bytes.length != 16) {
            throw new RefusedException("A message id has 16 bytes, not " + bytes.length + ".");
        }
        ByteBuffer bits = ByteBuffer.wrap(bytes);
        return new MessageId(new UUID(bits.getLong(), bits.getLong()));
    }

    /** The 16 bytes as a database stores them; the text form is these bytes in order. */
    public byte[] bytes() {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    @Override
    public int compareTo(MessageId other) {
        return uuid.compareTo(other.uuid);
    }

    /** The canonical UUID text. */
    @Override
    public String toString() {
        return uuid.toString();
    }
}
