package io.bida.console;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Values as people read them. */
final class Shown {

    private Shown() {}

    /** What a stranger wrote, without what would move the cursor. */
    static String text(@Nullable String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}", "?");
    }

    static String head(@Nullable String text, int length) {
        String shown = text(text);
        return shown.length() <= length ? shown : shown.substring(0, length - 3) + "...";
    }

    static String time(@Nullable Instant time) {
        return time == null ? "" : time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** {@code 10 min 30 s}. */
    static String words(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() + " d " + age.toHoursPart() + " h";
        }
        if (age.toHours() > 0) {
            return age.toHours() + " h " + age.toMinutesPart() + " min";
        }
        return age.toMinutes() > 0
                ? age.toMinutes() + " min " + age.toSecondsPart() + " s"
                : age.toMillis() / 1_000.0 + " s";
    }
}
