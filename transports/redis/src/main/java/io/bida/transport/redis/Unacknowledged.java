package io.bida.transport.redis;

import io.bida.transport.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The entries that a receiver has taken and not acknowledged, and the verdicts on them. Verdicts come from any thread; all
 * else is done by one.
 */
final class Unacknowledged {

    private static final Logger log = LoggerFactory.getLogger(Unacknowledged.class);

    private static final int MOST_AT_ONCE = 500;
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Map<String, StreamEntry> entries = new ConcurrentHashMap<>();
    private final BlockingQueue<Judged> judged = new LinkedBlockingQueue<>();

    /** Taken from the queue, and not yet done; a connection that is lost leaves them here. */
    private final List<String> handled = new ArrayList<>();

    private final Queue<Judged> dead = new ArrayDeque<>();
    private long buryFrom = System.nanoTime();
    private boolean troubled;

    int size() {
        return entries.size();
    }

    /** How many wait for nothing but their acknowledgement. */
    int judged() {
        return judged.size() + handled.size() + dead.size();
    }

    /** Whether it is new: not under way, nor waiting for its acknowledgement. */
    boolean add(StreamEntry entry) {
        return entries.putIfAbsent(entry.id(), entry) == null;
    }

    void judge(StreamEntry entry, Verdict verdict) {
        if (!(verdict instanceof Verdict.Left)) {
            judged.add(new Judged(entry, verdict));
        }
    }

    /** Acknowledges what has its verdict. What cannot be kept as a dead letter stays, and is tried again after a pause. */
    void settle(StreamGroup group) {
        for (Judged next; handled.size() < MOST_AT_ONCE && (next = judged.poll()) != null; ) {
            if (next.verdict instanceof Verdict.Done) {
                handled.add(next.entry.id());
            } else {
                dead.add(next);
            }
        }
        if (!handled.isEmpty()) {
            group.acknowledge(handled);
            handled.forEach(entries::remove);
            handled.clear();
        }
        if (!dead.isEmpty() && System.nanoTime() - buryFrom >= 0) {
            bury(group);
        }
    }

    private void bury(StreamGroup group) {
        try {
            for (Judged next; (next = dead.peek()) != null; dead.remove()) {
                group.bury(next.entry, ((Verdict.Dead) next.verdict).reason());
                entries.remove(next.entry.id());
            }
            troubled = false;
        } catch (JedisDataException e) {
            buryFrom = System.nanoTime() + AGAIN.toNanos();
            if (!troubled) {
                log.error(
                        "{}: {} dead letters cannot be kept in {} and are not acknowledged; it is tried again every {} s:"
                                + " {}",
                        group.stream(),
                        dead.size(),
                        group.deadLetters(),
                        AGAIN.toSeconds(),
                        e.getMessage());
            }
            troubled = true;
        }
    }

    private record Judged(StreamEntry entry, Verdict verdict) {}
}
