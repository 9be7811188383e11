package io.bida.relay;

import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;

/**
 * The statements that remove what is kept for a time only. Each proves by its own condition that the rows' time has
 * passed when it deletes them, and none touches a message that is to be delivered or is dead.
 */
final class HousekeepingStore {

    private static final Duration GONE = Duration.ofHours(1);

    private final Dialect dialect;
    private final DurableQueue queue;
    private final SuspectStore suspects;
    private final int limit;

    /**
     * @param queue in whose tables old rows are removed, whosever they are
     * @param limit rows of one statement
     */
    HousekeepingStore(Dialect dialect, DurableQueue queue, String node, int limit) {
        this.dialect = dialect;
        this.queue = queue;
        this.suspects = new SuspectStore(dialect, queue, node);
        this.limit = limit;
    }

    /**
     * What one statement deleted.
     *
     * @param from the oldest time that is left, or an older one
     */
    record Batch(int rows, Instant from, boolean last) {

        static final Batch NONE_YET = new Batch(0, Instant.EPOCH, false);
    }

    Batch history(Handle handle, Batch after, Duration kept) {
        return oldest(handle, "bida_outbox_history", "delivered_at", after, kept);
    }

    Batch attempts(Handle handle, Batch after, Duration kept) {
        return oldest(handle, queue.attempts(), "at", after, kept);
    }

    Batch ledger(Handle handle, Batch after) {
        return expired(handle, "bida_inbox", after);
    }

    Batch conflicts(Handle handle, Batch after) {
        return expired(handle, "bida_inbox_conflict", after);
    }

    Batch versions(Handle handle, Batch after) {
        return expired(handle, "bida_inbox_version", after);
    }

    private Batch expired(Handle handle, String table, Batch after) {
        return oldest(handle, table, "expires_at", after, Duration.ZERO);
    }

    /**
     * The oldest rows, beginning where the batch before ended: what that deleted lies on in the index for a while, and
     * would be read again by each batch.
     */
    private Batch oldest(Handle handle, String table, String time, Batch after, Duration age) {
        String old = time + " >= :from AND " + time + " < " + before(age);
        Argument from = (position, statement, context) -> statement.setObject(position, dialect.bind(after.from()));
        Instant end = handle.createQuery("SELECT " + time + " FROM " + table + " WHERE " + old + " ORDER BY " + time
                        + " LIMIT 1 OFFSET " + (limit - 1))
                .bind("from", from)
                .map((row, context) -> Objects.requireNonNull(dialect.instant(row, time)))
                .findOne()
                .orElse(null);
        int rows = handle.createUpdate(dialect.deleteFirst(table, old, time, limit))
                .bind("from", from)
                .execute();
        return new Batch(rows, end == null ? after.from() : end, end == null);
    }

    /** A cancelled message is not to be delivered, and keeps no other back. */
    Batch cancelled(Handle handle, Batch after, Duration kept) {
        int rows = handle.execute(dialect.deleteFirst(
                queue.parked(), "state = 'CANCELLED' AND parked_at < " + before(kept), "due_at", limit));
        return new Batch(rows, after.from(), rows < limit);
    }

    /** Relays that were not heard of for long, and suspicions of messages that have gone. */
    Batch leftovers(Handle handle) {
        int nodes = handle.execute("DELETE FROM " + queue.nodes() + " WHERE heartbeat_at < " + before(GONE));
        suspects.prune(handle);
        return new Batch(nodes, Instant.EPOCH, true);
    }

    private String before(Duration age) {
        return dialect.nowPlus(String.valueOf(-age.toNanos() / 1_000));
    }

    /** Whether a statement failed because another transaction holds a row. */
    boolean isLockWait(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e && (dialect.isLockWait(e) || dialect.isRollback(e))) {
                return true;
            }
        }
        return false;
    }
}
