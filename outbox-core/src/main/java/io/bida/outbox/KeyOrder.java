package io.bida.outbox;

import io.bida.sql.Dialect;
import java.util.Optional;
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

    /** Locks an earlier message of the key that is still to be sent; false when there is none. */
    boolean locksEarlier(String key, long seq) {
        return lockFirst(key, " AND seq < " + seq + " AND state IN ('RETRY', 'HELD')")
                .isPresent();
    }

    boolean hasEarlierDead(String key, long seq) {
        return first(key, " AND seq < " + seq + " AND state = 'DEAD'", "").isPresent();
    }

    boolean hasRetry(String key) {
        return first(key, " AND state = 'RETRY'", "").isPresent();
    }

    /** Locks the first message that is held behind the key. */
    Optional<Long> lockFirstHeld(String key) {
        return lockFirst(key, " AND state = 'HELD'");
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
