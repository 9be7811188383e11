package io.bida.outbox;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A topic, or a pattern of topics as a route has it: a coarse condition for the database, an exact one for its answer. */
final class TopicPattern {

    private final String pattern;
    private final Pattern exact;

    TopicPattern(String pattern) {
        this.pattern = pattern;
        this.exact = Pattern.compile(regex(pattern));
    }

    boolean isExact() {
        return !pattern.contains("*");
    }

    /** For LIKE with ! as the escape character: true for all that fits, and for some that does not. */
    String like() {
        return pattern.startsWith("**")
                ? "%"
                : pattern.replaceAll("[!%_]", "!$0")
                        .replaceAll("(\\.\\*\\*)+", "%")
                        .replaceAll("\\*+", "%");
    }

    boolean fits(String topic) {
        return exact.matcher("." + topic).matches();
    }

    /** A leading dot makes each segment look the same. */
    private static String regex(String pattern) {
        return Arrays.stream(pattern.split("\\.", -1))
                .map(segment -> switch (segment) {
                    case "**" -> "(?:\\.[^.]*)*";
                    case "*" -> "\\.[^.]*";
                    default -> "\\." + Pattern.quote(segment);
                })
                .collect(Collectors.joining());
    }
}
