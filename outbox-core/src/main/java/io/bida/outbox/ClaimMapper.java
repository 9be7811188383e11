package io.bida.outbox;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Row;
import io.bida.outbox.Claim.Timing;
import io.bida.sql.Dialect;
import io.bida.sql.HeadersJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jdbi.v3.core.mapper.RowMapper;

/** Turns rows into claims; a row that is no message becomes a claim that says why. */
final class ClaimMapper {

    private final Dialect dialect;

    ClaimMapper(Dialect dialect) {
        this.dialect = dialect;
    }

    String select(String table, String place, Duration trail) {
        return """
                SELECT seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                       created_at, due_at, expires_at, shard, %s,
                       CASE WHEN expires_at <= %s THEN 'EXPIRED' WHEN due_at > %s THEN 'EARLY' ELSE 'DUE' END AS timing,
                       CASE WHEN created_at < %s THEN 1 ELSE 0 END AS settled
                FROM %s""".formatted(
                place, dialect.now(), dialect.now(), dialect.nowPlus(String.valueOf(-trail.toNanos() / 1_000)), table);
    }

    RowMapper<Claim> under(Map<Integer, Long> leases) {
        return (row, context) -> claim(row, leases);
    }

    private Claim claim(ResultSet columns, Map<Integer, Long> leases) throws SQLException {
        Row row = row(columns, leases);
        try {
            return new Claim.Sendable(row, message(columns));
        } catch (RefusedException e) {
            return new Claim.Unreadable(row, String.valueOf(e.getMessage()));
        }
    }

    private Row row(ResultSet columns, Map<Integer, Long> leases) throws SQLException {
        int shard = columns.getInt("shard");
        return new Row(
                Place.valueOf(columns.getString("state")),
                columns.getLong("seq"),
                dialect.messageId(columns, "message_id"),
                columns.getString("topic"),
                columns.getString("ordering_key"),
                shard,
                leases.getOrDefault(shard, -1L),
                columns.getInt("attempts"),
                Timing.valueOf(columns.getString("timing")),
                columns.getInt("settled") == 1);
    }

    private Message message(ResultSet columns) throws SQLException {
        return Message.to(columns.getString("topic"))
                .id(dialect.messageId(columns, "message_id"))
                .type(columns.getString("type"))
                .scene(columns.getString("scene"))
                .bizId(columns.getString("biz_id"))
                .orderingKey(columns.getString("ordering_key"))
                .source(columns.getString("source"))
                .contentType(columns.getString("content_type"))
                .headers(HeadersJson.parse(columns.getString("headers")))
                .payload(Payload.wrap(columns.getBytes("payload")))
                .createdAt(dialect.instant(columns, "created_at"))
                .build();
    }
}
