package io.bida.benchmarks;

import io.bida.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What arrived at the sinks of a run, and when. Thread-safe. */
final class Arrivals {

    private static final String NUMBERED = "number-";

    private final AtomicLong count = new AtomicLong();
    private final AtomicLong firstAt = new AtomicLong();
    private final Map<String, AtomicLongArray> times = new TreeMap<>();

    /** @param recorded of each sink, how many messages' times are recorded */
    Arrivals(Iterable<String> sinks, int recorded) {
        sinks.forEach(sink -> times.put(sink, new AtomicLongArray(recorded)));
    }

    void note(String sink, List<Message> messages) {
        long now = Clock.micros();
        firstAt.compareAndSet(0, now);
        count.addAndGet(messages.size());
        AtomicLongArray recorded = times.get(sink);
        if (recorded != null && recorded.length() > 0) {
            messages.forEach(message -> record(recorded, number(message), now));
        }
    }

    private static void record(AtomicLongArray times, int number, long now) {
        if (number >= 0) {
            times.compareAndSet(number, 0, now);
        }
    }

    /** The biz-id of a message whose arrival is recorded under that number. */
    static String bizId(int number) {
        return NUMBERED + number;
    }

    /** The number that a message was given; -1 for none. */
    static int number(Message message) {
        String bizId = message.bizId().value();
        return bizId.startsWith(NUMBERED) ? Integer.parseInt(bizId.substring(NUMBERED.length())) : -1;
    }

    long count() {
        return count.get();
    }

    /** When the first message came, in microseconds; 0 when none did. */
    long firstAt() {
        return firstAt.get();
    }

    /** For each sink and number the first arrival in microseconds; 0 for what did not arrive. */
    Map<String, List<Long>> times() {
        Map<String, List<Long>> lists = new TreeMap<>();
        times.forEach((sink, recorded) -> {
            List<Long> list = new ArrayList<>(recorded.length());
            for (int number = 0; number < recorded.length(); number++) {
                list.add(recorded.get(number));
            }
            lists.put(sink, list);
        });
        return lists;
    }
}
