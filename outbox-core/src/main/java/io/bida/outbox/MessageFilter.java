package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.message.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which undelivered messages are meant: those that all terms fit. An id, a biz-id, a key or a state is served by an
 * index; for the other terms messages are looked through, a bounded number at a time. Its text form is the words of the
 * command line.
 */
public record MessageFilter(List<Term> terms) {

    public static final MessageFilter ALL = new MessageFilter(List.of());

    public MessageFilter {
        terms = List.copyOf(terms);
    }

    /** One condition. */
    public sealed interface Term {}

    public record InnerId(MessageId id) implements Term {

        @Override
        public String toString() {
            return "id:" + id;
        }
    }

    /** @param scene null for any */
    public record Biz(@Nullable String scene, String value) implements Term {

        @Override
        public String toString() {
            return "biz:" + (scene == null ? "" : scene + "/") + value;
        }
    }

    public record OrderingKey(String key) implements Term {

        @Override
        public String toString() {
            return "key:" + key;
        }
    }

    /** @param pattern as a route's: {@code *} is one segment, {@code **} any number */
    public record Topic(String pattern) implements Term {

        public Topic {
            for (String segment : pattern.split("\\.", -1)) {
                if (segment.contains("*") && !segment.equals("*") && !segment.equals("**")) {
                    throw new RefusedException("The topic pattern '" + pattern
                            + "' is none: between its dots stand words, * for one segment, or ** for any number.");
                }
            }
        }

        @Override
        public String toString() {
            return "topic:" + pattern;
        }
    }

    public record State(Set<MessageState> states) implements Term {

        public State {
            states = Set.copyOf(states);
            if (states.isEmpty()) {
                throw new RefusedException("A filter by state names none.");
            }
        }

        @Override
        public String toString() {
            return "state:" + states.stream().sorted().map(Enum::name).collect(Collectors.joining(","));
        }
    }

    /** A part of the last error, whatever its case. */
    public record LastError(String part) implements Term {

        @Override
        public String toString() {
            return "error:" + part;
        }
    }

    public record AtLeastAttempts(int attempts) implements Term {

        @Override
        public String toString() {
            return "attempts>=" + attempts;
        }
    }

    /** Created longer ago than that, by the database's clock. */
    public record OlderThan(Duration age) implements Term {

        @Override
        public String toString() {
            return "age>" + age.toMillis() + "ms";
        }
    }

    /** Created less long ago than that, by the database's clock. */
    public record YoungerThan(Duration age) implements Term {

        @Override
        public String toString() {
            return "age<" + age.toMillis() + "ms";
        }
    }

    /** Created from a time on and before another; null leaves an end open. */
    public record Created(@Nullable Instant from, @Nullable Instant to) implements Term {

        @Override
        public String toString() {
            return "created:" + (from == null ? "" : from) + ".." + (to == null ? "" : to);
        }
    }

    /** The same, with one condition more. */
    public MessageFilter and(Term term) {
        List<Term> more = new ArrayList<>(terms);
        more.add(term);
        return new MessageFilter(more);
    }

    public boolean isAll() {
        return terms.isEmpty();
    }

    /** Whether it names states, or one message, whose state is then no matter. */
    public boolean isExplicit() {
        return terms.stream().anyMatch(term -> term instanceof State || term instanceof InnerId);
    }

    /** The states that it leaves. */
    public Set<MessageState> states() {
        Set<MessageState> left = EnumSet.allOf(MessageState.class);
        of(State.class).forEach(term -> left.retainAll(term.states()));
        return left;
    }

    <T extends Term> Optional<T> first(Class<T> type) {
        return of(type).stream().findFirst();
    }

    <T extends Term> List<T> of(Class<T> type) {
        return terms.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The words, as the command line takes them. */
    @Override
    public String toString() {
        return terms.stream().map(Term::toString).collect(Collectors.joining(" "));
    }
}
