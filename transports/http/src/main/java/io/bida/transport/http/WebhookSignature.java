package io.bida.transport.http;

import io.bida.message.BidaException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs and verifies as Standard Webhooks does: HMAC-SHA256 of {@code id.timestamp.body}. The key is the Base64 text
 * after {@code whsec_}; as in the reference libraries, a secret without that prefix is Base64 too. The signature covers
 * the id, the time and the body, not the other headers. Thread-safe.
 */
final class WebhookSignature {

    static final Duration TOLERANCE = Duration.ofMinutes(5);

    static final String ID = "webhook-id";
    static final String TIMESTAMP = "webhook-timestamp";
    static final String SIGNATURE = "webhook-signature";

    private static final String PREFIX = "whsec_";
    private static final String VERSION = "v1,";
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    private WebhookSignature(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /**
     * @param setting where the secret stands, for the error; the secret itself is never shown
     */
    static WebhookSignature of(String setting, String secret) {
        String text = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
        try {
            byte[] key = Base64.getDecoder().decode(text);
            if (key.length > 0) {
                return new WebhookSignature(key);
            }
        } catch (IllegalArgumentException e) {
            // refused below; the cause would show parts of the secret
        }
        throw new BidaException(setting + " is no signing key: write whsec_ and the key's bytes in Base64, as Standard"
                + " Webhooks does (24 random bytes or more).");
    }

    Map<String, String> headers(String id, Instant now, ByteBuffer body) {
        String timestamp = Long.toString(now.getEpochSecond());
        return Map.of(ID, id, TIMESTAMP, timestamp, SIGNATURE, signature(id, timestamp, body));
    }

    /** Why the request cannot be trusted; empty when it can. */
    Optional<String> refusal(
            @Nullable String id,
            @Nullable String timestamp,
            @Nullable String signatures,
            Instant now,
            ByteBuffer body) {
        if (id == null || timestamp == null || signatures == null) {
            return Optional.of("The headers " + ID + ", " + TIMESTAMP + " and " + SIGNATURE + " are required.");
        }
        if (!withinTolerance(timestamp, now)) {
            return Optional.of("The header " + TIMESTAMP + " is more than 5 minutes away from this server's time.");
        }
        byte[] expected = signature(id, timestamp, body).getBytes(StandardCharsets.UTF_8);
        for (String signature : signatures.split(" ", -1)) {
            if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) {
                return Optional.empty();
            }
        }
        return Optional.of("The header " + SIGNATURE + " does not fit the id, the time and the body.");
    }

    private static boolean withinTolerance(String timestamp, Instant now) {
        try {
            long seconds = Long.parseLong(timestamp);
            return Math.abs(Math.subtractExact(seconds, now.getEpochSecond())) <= TOLERANCE.toSeconds();
        } catch (NumberFormatException | ArithmeticException e) {
            return false;
        }
    }

    private String signature(String id, String timestamp, ByteBuffer body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            mac.update(body);
            return VERSION + Base64.getEncoder().encodeToString(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Every Java platform has " + ALGORITHM + ".", e);
        }
    }
}
