package io.bida.relay;

import io.bida.message.BidaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the messages of some topics go, and what becomes of those that are not taken.
 *
 * @param pattern segments parted by dots; {@code *} is one segment, {@code **} any number
 * @param to the destination's name
 * @param holdOnDead whether a dead message keeps its ordering key until an operator decides; else the key goes on
 * @param retry when a message is sent again; null: as the relay's other messages
 * @param onErrors what is done about some errors; the first that fits wins
 */
public record Route(
        String pattern,
        String to,
        boolean holdOnDead,
        @Nullable RetryPolicy retry,
        List<OnError> onErrors) {

    private static final Pattern SEGMENT = Pattern.compile("\\*\\*?|[^*]+");

    public Route {
        for (String segment : pattern.split("\\.", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                throw new BidaException("The topic pattern '" + pattern + "' is none: between its dots stand words, *"
                        + " for one segment, or ** for any number.");
            }
        }
        onErrors = List.copyOf(onErrors);
    }

    public Route(String pattern, String to) {
        this(pattern, to, false, null, List.of());
    }

    /** What is done about an error. */
    public enum Then {
        /** It is sent again, as the retry policy says; the usual course for failed and unknown. */
        RETRY,
        /** It is dead now, and {@link Route#holdOnDead} decides about its key; the usual course for rejected. */
        DEAD,
        /** It is dead now, and its key goes on. */
        SKIP,
        /** It is dead now, and its key waits for an operator. */
        HOLD
    }

    /**
     * One rule.
     *
     * @param error {@code rejected}, {@code failed} or {@code unknown}, or a part of the reason, such as {@code HTTP 404}
     */
    public record OnError(String error, Then then) {

        public OnError {
            if (error.isBlank()) {
                throw new BidaException("A rule for errors names none: 'rejected', 'failed', 'unknown' or a part of the"
                        + " reason is expected.");
            }
        }

        boolean fits(Fault fault) {
            return Fault.OUTCOMES.contains(error)
                    ? error.equals(fault.outcome())
                    : fault.reason().contains(error);
        }
    }

    /** The same, with a retry policy of its own. */
    public Route retrying(RetryPolicy policy) {
        return new Route(pattern, to, holdOnDead, policy, onErrors);
    }

    /** The same, where a dead message keeps its ordering key until an operator decides. */
    public Route holdingOnDead() {
        return new Route(pattern, to, true, retry, onErrors);
    }

    /** The same, with one rule more. */
    public Route on(String error, Then then) {
        List<OnError> more = new ArrayList<>(onErrors);
        more.add(new OnError(error, then));
        return new Route(pattern, to, holdOnDead, retry, more);
    }

    Then then(Fault fault) {
        Then usual = fault.outcome().equals("rejected") ? Then.DEAD : Then.RETRY;
        return rule(fault).orElse(usual);
    }

    /** Whether a message that died of this reason keeps its key. */
    boolean holdsKey(String deadReason) {
        Optional<Then> rule = Fault.inReason(deadReason).flatMap(this::rule);
        return rule.map(then -> then == Then.HOLD || (then == Then.DEAD && holdOnDead))
                .orElse(holdOnDead);
    }

    boolean mayHold() {
        return holdOnDead || onErrors.stream().anyMatch(rule -> rule.then() == Then.HOLD);
    }

    private Optional<Then> rule(Fault fault) {
        return onErrors.stream()
                .filter(rule -> rule.fits(fault))
                .map(OnError::then)
                .findFirst();
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
