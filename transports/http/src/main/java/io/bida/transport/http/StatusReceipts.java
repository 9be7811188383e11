package io.bida.transport.http;

import io.bida.transport.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP status means for a message: 2xx and 409 accepted; 400, 413, 415 and 422 rejected; every other failed,
 * where 429 and 503 may name the wait in {@code Retry-After}. Thread-safe.
 */
final class StatusReceipts {

    private static final int EXCERPT = 200;
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final String destination;
    private final InstantSource clock;

    /**
     * @param destination host and port, for the reasons
     */
    StatusReceipts(String destination, InstantSource clock) {
        this.destination = destination;
        this.clock = clock;
    }

    Receipt receipt(int status, @Nullable String retryAfter, byte[] body) {
        if (status / 100 == 2 || status == 409) {
            return new Receipt.Accepted("HTTP " + status);
        }
        String reason = reason(status, body);
        return switch (status) {
            case 400, 413, 415, 422 -> new Receipt.Rejected(reason);
            case 429, 503 -> new Receipt.Failed(reason, wait(retryAfter));
            default -> new Receipt.Failed(reason);
        };
    }

    /** The beginning of a text in one line, without control characters. */
    static String excerpt(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\s]+", " ").strip();
        return line.codePointCount(0, line.length()) <= EXCERPT
                ? line
                : line.substring(0, line.offsetByCodePoints(0, EXCERPT)) + "...";
    }

    private String reason(int status, byte[] body) {
        String said = excerpt(new String(body, StandardCharsets.UTF_8));
        return destination + " answered " + status + (said.isEmpty() ? "" : ": " + said);
    }

    private @Nullable Duration wait(@Nullable String retryAfter) {
        if (retryAfter == null) {
            return null;
        }
        String text = retryAfter.strip();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        Instant date = DateUtils.parseStandardDate(text);
        if (date == null) {
            return null;
        }
        Duration wait = Duration.between(clock.instant(), date);
        return wait.isNegative() ? Duration.ZERO : wait;
    }
}
