package io.bida.outbox;

import io.bida.sql.Dialect;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How the outbox of a database stands, of all shards. Immutable.
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
    static Survey take(Handle handle, Dialect dialect, int cap) {
        List<Line> lines = handle.createQuery(sql(dialect, cap))
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

    private static String sql(Dialect dialect, int cap) {
        return """
                SELECT 'NOW' AS state, NULL AS topic, %1$s AS since,
                    (SELECT COALESCE(MAX(seq), 0) FROM bida_outbox) AS messages
                UNION ALL
                SELECT 'RETRY', topic, MIN(created_at), COUNT(*) FROM
                    (SELECT topic, created_at FROM bida_outbox_parked WHERE state = 'RETRY'
                     ORDER BY due_at LIMIT %2$d) AS retry GROUP BY topic
                UNION ALL
                SELECT 'DUE', topic, MIN(due_at), COUNT(*) FROM
                    (SELECT topic, due_at FROM bida_outbox_parked WHERE state = 'SCHEDULED' AND due_at <= %1$s
                     ORDER BY due_at LIMIT %2$d) AS due GROUP BY topic
                """.formatted(dialect.now(), cap)
                + counted("SCHEDULED", cap)
                + counted("HELD", cap)
                + counted("DEAD", cap)
                + counted("CANCELLED", cap);
    }

    private static String counted(String state, int cap) {
        return """
                UNION ALL
                SELECT '%1$s', NULL, NULL, COUNT(*) FROM
                    (SELECT 1 AS one FROM bida_outbox_parked WHERE state = '%1$s' LIMIT %2$d) AS counted_%1$s
                """.formatted(state, cap);
    }
}
