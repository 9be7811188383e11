package io.bida.outbox;

import io.bida.sql.Dialect;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * What stands in a key's order among the parked messages, for one who changes it in his own transaction. A message may
 * be made HELD only behind one that is locked until the commit: whoever sends that one looks for what is held behind it
 * afterwards.
 */
final class KeyOrder {

    /** A loose comparison pads; of one length, padded and exact are the same. */
    private static final String OF_KEY = " WHERE ordering_key = ? AND LENGTH(ordering_key) = LENGTH(?)";

    private final Handle handle;
    private final String from;

    KeyOrder(Handle handle, Dialect dialect, DurableQueue queue) {
        this.handle = handle;
        this.from = " FROM " + queue.parked() + OF_KEY + queue.and(dialect);
    }

    /**
     * A condition on the state that leaves the key's index as the only one that serves, and that PostgreSQL takes for true
     * of nearly every row. By what a database believes of the states, it would read all that is held of all keys for what
     * is held of one; and its belief is old, for a message is parked for a short time.
     */
    static String state(MessageState... states) {
        return Arrays.stream(states)
                .map(MessageState::name)
                .collect(Collectors.joining("', '", " AND CASE WHEN state IN ('", "') THEN 1 END IS NOT NULL"));
    }

    /** Locks an earlier message of the key that is still to be sent; false when there is none. */
    boolean locksEarlier(String key, long seq) {
        return lockFirst(key, " AND seq < " + seq + state(MessageState.RETRY, MessageState.HELD))
                .isPresent();
    }

    boolean hasEarlierDead(String key, long seq) {
        return first(key, " AND seq < " + seq + state(MessageState.DEAD), "").isPresent();
    }

    boolean hasRetry(String key) {
        return first(key, state(MessageState.RETRY), "").isPresent();
    }

    /** Locks the first message that is held behind the key. */
    Optional<Long> lockFirstHeld(String key) {
        return lockFirst(key, state(MessageState.HELD));
    }

    /** A row that goes while its lock is waited for is not replaced by the next one in the same statement. */
    private Optional<Long> lockFirst(String key, String and) {
        while (first(key, and, "").isPresent()) {
            Optional<Long> locked = first(key, and, " FOR UPDATE");
            if (locked.isPresent()) {
                return locked;
            }
        }
        return Optional.empty();
    }

    private Optional<Long> first(String key, String and, String lock) {
        return handle.createQuery("SELECT seq" + from + and + " ORDER BY seq LIMIT 1" + lock)
                .setQueryTimeout(ChangeWriter.SECONDS)
                .bind(0, key)
                .bind(1, key)
                .mapTo(Long.class)
                .findOne();
    }
}
