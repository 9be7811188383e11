package io.bida.relay;

import io.bida.message.BidaException;
import java.util.regex.Pattern;

/**
 * Where the messages of some topics go.
 *
 * @param pattern segments parted by dots; {@code *} is one segment, {@code **} any number
 * @param to the destination's name
 * @param holdOnDead whether a dead message keeps its ordering key until an operator decides; else the key goes on
 */
public record Route(String pattern, String to, boolean holdOnDead) {

    private static final Pattern SEGMENT = Pattern.compile("\\*\\*?|[^*]+");

    public Route {
        for (String segment : pattern.split("\\.", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                throw new BidaException("The topic pattern '" + pattern + "' is none: between its dots stand words, *"
                        + " for one segment, or ** for any number.");
            }
        }
    }

    public Route(String pattern, String to) {
        this(pattern, to, false);
    }

    boolean takes(String topic) {
        return matches(pattern.split("\\.", -1), 0, topic.split("\\.", -1), 0);
    }

    private static boolean matches(String[] pattern, int p, String[] topic, int t) {
        if (p == pattern.length) {
            return t == topic.length;
        }
        if (pattern[p].equals("**")) {
            return matches(pattern, p + 1, topic, t) || (t < topic.length && matches(pattern, p, topic, t + 1));
        }
        return t < topic.length
                && (pattern[p].equals("*") || pattern[p].equals(topic[t]))
                && matches(pattern, p + 1, topic, t + 1);
    }
}
