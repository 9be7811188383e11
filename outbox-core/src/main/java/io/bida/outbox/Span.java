package io.bida.outbox;

import java.util.Collection;
import java.util.stream.Collectors;

/** Numbers of the hot table that follow each other, both ends included. */
public record Span(long from, long to) {

    public Span {
        if (from > to) {
            throw new IllegalArgumentException(from + " is after " + to);
        }
    }

    /** As a condition on {@code seq}. */
    static String sql(Collection<Span> spans) {
        String numbers = spans.stream()
                .filter(span -> span.from == span.to)
                .map(span -> String.valueOf(span.from))
                .collect(Collectors.joining(","));
        String ranges = spans.stream()
                .filter(span -> span.from < span.to)
                .map(span -> "seq BETWEEN " + span.from + " AND " + span.to)
                .collect(Collectors.joining(" OR "));
        if (numbers.isEmpty()) {
            return ranges.isEmpty() ? "1 = 0" : "(" + ranges + ")";
        }
        return "(seq IN (" + numbers + ")" + (ranges.isEmpty() ? "" : " OR " + ranges) + ")";
    }
}
