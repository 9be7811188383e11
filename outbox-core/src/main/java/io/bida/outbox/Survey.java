package io.bida.outbox;

import io.bida.sql.Dialect;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How a queue stands, of all shards. Immutable.
 *
 * @param now by the database's clock
 * @param last the highest number in the hot table; 0 when it is empty
 * @param parked messages per state; counted up to a cap
 * @param oldest by topic: since when that message waits which is the oldest of those that are due first, as many as the
 *     cap says
 */
public record Survey(Instant now, long last, Map<String, Long> parked, Map<String, Instant> oldest) {

    private static final String NOW = "NOW";
    private static final String DUE = "DUE";
    private static final List<String> STATES = List.of("SCHEDULED", "RETRY", "HELD", "DEAD", "CANCELLED");

    public Survey {
        parked = Map.copyOf(parked);
        oldest = Map.copyOf(oldest);
    }

    private record Line(
            String state, @Nullable String topic, @Nullable Instant since, long messages) {}

    /** One statement, whose parts are each served by an index and read no more rows than the cap. */
    static Survey take(Handle handle, Dialect dialect, DurableQueue queue, int cap) {
        List<Line> lines = handle.createQuery(sql(dialect, queue, cap))
                .map((row, context) -> new Line(
                        row.getString("state"),
                        row.getString("topic"),
                        dialect.instant(row, "since"),
                        row.getLong("messages")))
                .list();
        Instant now = Instant.EPOCH;
        long last = 0;
        Map<String, Long> parked = new HashMap<>();
        Map<String, Instant> oldest = new HashMap<>();
        STATES.forEach(state -> parked.put(state, 0L));
        for (Line line : lines) {
            if (line.state().equals(NOW) && line.since() != null) {
                now = line.since();
                last = line.messages();
            } else if (!line.state().equals(DUE)) {
                parked.merge(line.state(), line.messages(), Long::sum);
            }
            if (line.topic() != null && line.since() != null) {
                oldest.merge(line.topic(), line.since(), (a, b) -> a.isBefore(b) ? a : b);
            }
        }
        return new Survey(now, last, parked, oldest);
    }

    private static String sql(Dialect dialect, DurableQueue queue, int cap) {
        String own = queue.and(dialect);
        return """
                SELECT 'NOW' AS state, NULL AS topic, %1$s AS since,
                    (SELECT COALESCE(MAX(seq), 0) FROM %3$s) AS messages
                UNION ALL
                SELECT 'RETRY', topic, MIN(created_at), COUNT(*) FROM
                    (SELECT topic, created_at FROM %4$s WHERE state = 'RETRY'%5$s
                     ORDER BY due_at LIMIT %2$d) AS retry GROUP BY topic
                UNION ALL
                SELECT 'DUE', topic, MIN(due_at), COUNT(*) FROM
                    (SELECT topic, due_at FROM %4$s WHERE state = 'SCHEDULED' AND due_at <= %1$s%5$s
                     ORDER BY due_at LIMIT %2$d) AS due GROUP BY topic
                """.formatted(dialect.now(), cap, queue.hot(), queue.parked(), own)
                + counted("SCHEDULED", queue, own, cap)
                + counted("HELD", queue, own, cap)
                + counted("DEAD", queue, own, cap)
                + counted("CANCELLED", queue, own, cap);
    }

    private static String counted(String state, DurableQueue queue, String own, int cap) {
        return """
                UNION ALL
                SELECT '%1$s', NULL, NULL, COUNT(*) FROM
                    (SELECT 1 AS one FROM %3$s WHERE state = '%1$s'%4$s LIMIT %2$d) AS counted_%1$s
                """.formatted(state, cap, queue.parked(), own);
    }
}
