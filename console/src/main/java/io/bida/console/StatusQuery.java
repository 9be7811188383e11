package io.bida.console;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks the tables how they stand: each question served by an index, capped, and given one second. For one thread. */
final class StatusQuery {

    private static final int SECONDS = 1;
    private static final long NODE_ALIVE_MICROS = 30_000_000;
    private static final List<String> PARKED = List.of("SCHEDULED", "RETRY", "HELD", "DEAD", "CANCELLED");

    private final Connection connection;
    private final Dialect dialect;

    StatusQuery(Connection connection) throws SQLException {
        this.connection = connection;
        this.dialect = Dialect.of(connection);
    }

    Status ask() throws SQLException {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("PENDING", count("SELECT 1 FROM bida_outbox"));
        for (String state : PARKED) {
            counts.put(state, count("SELECT 1 FROM bida_outbox_parked WHERE state = '" + state + "'"));
        }
        return new Status(
                oldestDue(),
                counts,
                count("SELECT 1 FROM bida_node WHERE heartbeat_at > " + dialect.nowPlus("-" + NODE_ALIVE_MICROS)),
                count("SELECT 1 FROM bida_lease WHERE owner IS NOT NULL AND expires_at > " + dialect.now()),
                count("SELECT 1 FROM bida_lease"));
    }

    private long count(String rows) throws SQLException {
        try (Statement statement = statement();
                ResultSet answer = statement.executeQuery(
                        "SELECT COUNT(*) FROM (" + rows + " LIMIT " + (Status.CAP + 1) + ") AS capped")) {
            answer.next();
            return answer.getLong(1);
        }
    }

    private Optional<Duration> oldestDue() throws SQLException {
        String sql = """
                SELECT %1$s AS now_at, MIN(since) AS since FROM (
                    SELECT COALESCE(due_at, created_at) AS since FROM
                        (SELECT due_at, created_at FROM bida_outbox ORDER BY seq LIMIT %2$d) AS head
                        WHERE due_at IS NULL OR due_at <= %1$s
                    UNION ALL
                    SELECT MIN(due_at) FROM bida_outbox_parked WHERE state = 'SCHEDULED' AND due_at <= %1$s
                    UNION ALL
                    SELECT MIN(created_at) FROM
                        (SELECT created_at FROM bida_outbox_parked WHERE state = 'RETRY' LIMIT %2$d) AS failed
                    UNION ALL
                    SELECT MIN(created_at) FROM
                        (SELECT created_at FROM bida_outbox_parked WHERE state = 'HELD' LIMIT %2$d) AS held
                ) AS undelivered
                """.formatted(dialect.now(), Status.CAP);
        try (Statement statement = statement();
                ResultSet answer = statement.executeQuery(sql)) {
            answer.next();
            return age(dialect.instant(answer, "since"), dialect.instant(answer, "now_at"));
        }
    }

    private static Optional<Duration> age(@Nullable Instant since, @Nullable Instant now) {
        if (since == null || now == null) {
            return Optional.empty();
        }
        Duration age = Duration.between(since, now);
        return Optional.of(age.isNegative() ? Duration.ZERO : age);
    }

    private Statement statement() throws SQLException {
        Statement statement = connection.createStatement();
        statement.setQueryTimeout(SECONDS);
        return statement;
    }
}
