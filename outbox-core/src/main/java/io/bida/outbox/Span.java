package io.bida.outbox;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers of the hot table that follow each other, both ends included. */
public record Span(long from, long to) {

    public Span {
        if (from > to) {
            throw new IllegalArgumentException(from + " is after " + to);
        }
    }

    /** At most so many spans, in order, that hold all of these: where they are more, narrow distances are bridged. */
    public static List<Span> cover(List<Span> inOrder, int most) {
        if (inOrder.size() <= most) {
            return inOrder;
        }
        long[] distances = IntStream.range(1, inOrder.size())
                .mapToLong(i -> inOrder.get(i).from - inOrder.get(i - 1).to)
                .sorted()
                .toArray();
        long bridged = distances[distances.length - most];
        List<Span> cover = new ArrayList<>(most);
        Span last = inOrder.get(0);
        for (Span next : inOrder) {
            if (next.from - last.to > bridged) {
                cover.add(last);
                last = next;
            } else {
                last = new Span(last.from, next.to);
            }
        }
        cover.add(last);
        return cover;
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
