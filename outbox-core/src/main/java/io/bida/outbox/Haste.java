package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.sql.Dialect;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages that were deferred for one reason among those to be retried later, and makes them due. What they wait
 * for has no column: the reason's beginning tells, and a step looks at a bounded number of rows.
 */
final class Haste {

    private final Dialect dialect;
    private final DurableQueue queue;

    Haste(Dialect dialect, DurableQueue queue) {
        this.dialect = dialect;
        this.queue = queue;
    }

    /** A row that was looked at. */
    private record Waiting(
            long seq, MessageId messageId, @Nullable Instant dueAt, boolean fits) {}

    Hastened make(Handle handle, String reason, String inShards, @Nullable DuePlace after, int step) {
        List<Waiting> looked = look(handle, reason, inShards, after, step);
        List<Waiting> fitting = looked.stream().filter(Waiting::fits).toList();
        if (!fitting.isEmpty()) {
            makeDue(handle, fitting);
        }
        if (looked.size() < step) {
            return new Hastened(fitting.size(), null);
        }
        Waiting last = looked.get(looked.size() - 1);
        return new Hastened(fitting.size(), new DuePlace(Objects.requireNonNull(last.dueAt()), last.seq()));
    }

    private List<Waiting> look(Handle handle, String reason, String inShards, @Nullable DuePlace after, int step) {
        String from = after == null
                ? " AND due_at > " + dialect.now()
                : " AND due_at >= :due AND (due_at > :due OR seq > :seq)";
        String sql =
                "SELECT seq, message_id, due_at, CASE WHEN last_error LIKE :reason ESCAPE '!' THEN 1 ELSE 0 END AS fits"
                        + " FROM " + queue.parked() + " WHERE state = 'RETRY'" + from + inShards + queue.and(dialect)
                        + " ORDER BY due_at, seq LIMIT :step";
        Query query = handle.createQuery(sql)
                .bind("reason", reason.replaceAll("[!%_]", "!$0") + "%")
                .bind("step", step);
        if (after != null) {
            query.bind("due", dialect.bind(after.dueAt())).bind("seq", after.seq());
        }
        return query.map((row, context) -> new Waiting(
                        row.getLong("seq"),
                        dialect.messageId(row, "message_id"),
                        dialect.instant(row, "due_at"),
                        row.getInt("fits") == 1))
                .list();
    }

    /** Without those that another transaction has locked: it is changing them, perhaps without end. */
    private void makeDue(Handle handle, List<Waiting> rows) {
        Set<Long> unlocked = new HashSet<>();
        handle.createQuery(
                        dialect.lockByKey("seq", queue.parked(), "seq", seqs(rows), unchanged(rows)) + " SKIP LOCKED")
                .mapTo(Long.class)
                .forEach(unlocked::add);
        List<Waiting> ours =
                rows.stream().filter(row -> unlocked.contains(row.seq())).toList();
        if (!ours.isEmpty()) {
            Direct.execute(
                    handle,
                    dialect.updateByKey(
                            queue.parked(), "due_at = " + dialect.now(), "seq", seqs(ours), unchanged(ours)));
        }
    }

    private static List<Long> seqs(List<Waiting> rows) {
        return rows.stream().map(Waiting::seq).toList();
    }

    private String unchanged(List<Waiting> rows) {
        return Direct.andIds(dialect, rows.stream().map(Waiting::messageId).toList()) + " AND state = 'RETRY'";
    }
}
