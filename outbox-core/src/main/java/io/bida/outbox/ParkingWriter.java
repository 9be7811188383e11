package io.bida.outbox;

import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Row;
import io.bida.outbox.Settlement.Attempt;
import io.bida.outbox.Settlement.Dead;
import io.bida.outbox.Settlement.Deferred;
import io.bida.outbox.Settlement.Held;
import io.bida.outbox.Settlement.Retry;
import io.bida.outbox.Settlement.Scheduled;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Writes what waits or has ended undelivered: rows that are to say the same are written by one statement. */
final class ParkingWriter {

    static final String COPIED = "seq, message_id, topic, type, scene, biz_id, ordering_key, source,"
            + " content_type, headers, payload, created_at, expires_at";

    private final Dialect dialect;
    private final DurableQueue queue;
    private final String node;

    ParkingWriter(Dialect dialect, DurableQueue queue, String node) {
        this.dialect = dialect;
        this.queue = queue;
        this.node = node;
    }

    /**
     * What a row is to say.
     *
     * @param from where it is now
     * @param attempts made so far; null keeps the row's number
     * @param micros from now until it is due; null keeps the row's time
     * @param error null keeps the row's text
     */
    private record Change(
            Place from,
            String state,
            @Nullable Integer attempts,
            @Nullable Long micros,
            @Nullable String error) {

        static Change of(Settlement settlement) {
            Place from = settlement.claim().row().place();
            if (settlement instanceof Retry retry) {
                Attempt attempt = retry.attempt();
                return new Change(from, "RETRY", attempt.number(), rounded(retry.delay()), head(attempt.error()));
            }
            if (settlement instanceof Deferred deferred) {
                return new Change(from, "RETRY", null, rounded(deferred.delay()), head(deferred.reason()));
            }
            if (settlement instanceof Dead dead) {
                Integer attempts =
                        dead.attempt() == null ? null : dead.attempt().number();
                return new Change(from, "DEAD", attempts, null, head(dead.reason()));
            }
            if (settlement instanceof Held) {
                return new Change(from, "HELD", null, null, null);
            }
            if (settlement instanceof Scheduled) {
                return new Change(from, "SCHEDULED", null, null, null);
            }
            throw new IllegalArgumentException("Not to be parked: " + settlement);
        }

        /** So that many that failed together share a statement. */
        private static long rounded(Duration delay) {
            long micros = delay.toNanos() / 1_000;
            return micros - micros % Math.max(1, micros / 32);
        }

        private static @Nullable String head(@Nullable String error) {
            return StoredText.head(error, StoredText.MAX_ERROR);
        }
    }

    void write(Handle handle, List<Settlement> settlements) {
        Map<Change, List<Row>> changes = new LinkedHashMap<>();
        for (Settlement each : settlements) {
            changes.computeIfAbsent(Change.of(each), change -> new ArrayList<>())
                    .add(each.claim().row());
        }
        changes.forEach((change, rows) -> {
            if (change.from().isHot()) {
                insert(handle, change, rows);
            } else {
                update(handle, change, rows);
            }
        });
        recordAttempts(handle, settlements);
    }

    /** Locks what it copies: a row that an operator cancels meanwhile is parked by him or here, not by both. */
    private void insert(Handle handle, Change change, List<Row> rows) {
        String copied = queue.column() + COPIED;
        String copy = copied + ", " + dueAt(change) + ", ?, ?, ?, " + dialect.now();
        Direct.execute(
                handle,
                "INSERT INTO " + queue.parked() + " (" + copied + ", due_at, state, attempts, last_error, parked_at) "
                        + dialect.lockByKey(copy, queue.hot(), "seq", Direct.seqs(rows), "")
                        + queue.keepingFirst(dialect),
                change.state(),
                change.attempts() == null ? 0 : change.attempts(),
                change.error());
    }

    /** Leaves alone what an operator changed meanwhile. */
    private void update(Handle handle, Change change, List<Row> rows) {
        Direct.execute(
                handle,
                dialect.updateByKey(
                        queue.parked(),
                        "state = ?, attempts = COALESCE(?, attempts), last_error = COALESCE(?, last_error), due_at = "
                                + dueAt(change) + ", parked_at = " + dialect.now(),
                        "seq",
                        Direct.seqs(rows),
                        Direct.andIds(dialect, Direct.ids(rows)) + " AND state = '" + change.from() + "'"),
                change.state(),
                change.attempts(),
                change.error());
    }

    private String dueAt(Change change) {
        return change.micros() == null ? "due_at" : dialect.nowPlus(String.valueOf(change.micros()));
    }

    private void recordAttempts(Handle handle, List<Settlement> settlements) {
        List<Object> values = new ArrayList<>();
        int rows = 0;
        for (Settlement each : settlements) {
            Attempt attempt = attempt(each);
            if (attempt != null) {
                values.add(dialect.bind(each.claim().row().messageId()));
                values.add(attempt.number());
                values.add(node);
                values.add(attempt.outcome());
                values.add(attempt.took().toMillis());
                values.add(StoredText.head(attempt.error(), StoredText.MAX_ERROR));
                rows++;
            }
        }
        if (rows > 0) {
            String row = "(" + queue.value(dialect) + "?, ?, " + dialect.now() + ", ?, ?, ?, ?)";
            Direct.execute(
                    handle,
                    "INSERT INTO " + queue.attempts() + " (" + queue.column()
                            + "message_id, attempt, at, node, outcome, duration_ms, error) VALUES "
                            + (row + ", ").repeat(rows - 1) + row + " "
                            + dialect.keepExisting(queue.attempts(), "attempt"),
                    values.toArray());
        }
    }

    private static @Nullable Attempt attempt(Settlement settlement) {
        if (settlement instanceof Retry retry) {
            return retry.attempt();
        }
        if (settlement instanceof Deferred deferred) {
            return deferred.attempt();
        }
        return settlement instanceof Dead dead ? dead.attempt() : null;
    }
}
