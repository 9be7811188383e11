package io.bida.transport;

import io.bida.message.BidaException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configuration's durations: a number with ms, s, m, h or d, such as {@code 5s} or {@code 0.5s}. */
public final class Durations {

    private static final Pattern FORM = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*(ms|s|m|h|d)");

    private Durations() {}

    /**
     * @param name the setting's name, for the error
     * @throws BidaException when the text has another form
     */
    public static Duration parse(String name, String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new BidaException(
                    name + ": '" + text + "' is no duration; write a number with ms, s, m, h or d, such as 5s.");
        }
        double millis = Double.parseDouble(form.group(1)) * millis(form.group(2));
        return Duration.ofNanos((long) (millis * 1_000_000));
    }

    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
    }
}
