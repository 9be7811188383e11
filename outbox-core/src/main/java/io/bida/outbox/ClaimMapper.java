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
import java.util.Map;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into claims; a row that is no message becomes a claim that says why. A large payload is not read with the
 * row: the rows of one read would not fit into memory, nor, some of them, into one packet of the database.
 */
final class ClaimMapper {

    /** Payloads up to this size, in bytes, are read with their rows. */
    static final int INLINE = 64 << 10;

    private static final int SEQ = 1;
    private static final int MESSAGE_ID = 2;
    private static final int SHARD = 3;
    private static final int TOPIC = 4;
    private static final int ORDERING_KEY = 5;
    private static final int PLACE = 6;
    private static final int ATTEMPTS = 7;
    private static final int TIMING = 8;
    private static final int TYPE = 9;
    private static final int SCENE = 10;
    private static final int BIZ_ID = 11;
    private static final int SOURCE = 12;
    private static final int CONTENT_TYPE = 13;
    private static final int HEADERS = 14;
    private static final int CREATED_AT = 15;
    private static final int EXPIRES_AT = 16;
    private static final int SIZE = 17;
    private static final int PAYLOAD = 18;

    private final Dialect dialect;
    private final @Nullable String defaultSource;

    /** @param defaultSource of messages that name none; null: they have none */
    ClaimMapper(Dialect dialect, @Nullable String defaultSource) {
        this.dialect = dialect;
        this.defaultSource = defaultSource;
    }

    /** The columns in the order of the constants above: a lookup by name would be paid for each value of each row. */
    String select(String table, String place) {
        return """
                SELECT seq, message_id, shard, topic, ordering_key, %s,
                       CASE WHEN expires_at <= %s THEN 'EXPIRED' WHEN due_at > %s THEN 'EARLY' ELSE 'DUE' END AS timing,
                       type, scene, biz_id, source, content_type, headers, created_at, expires_at,
                       OCTET_LENGTH(payload) AS size,
                       CASE WHEN OCTET_LENGTH(payload) <= %d THEN payload END AS payload, due_at
                FROM %s""".formatted(place, dialect.now(), dialect.now(), INLINE, table);
    }

    /**
     * A row as it was read.
     *
     * @param size of the payload in bytes
     * @param payload null when it has to be read by itself
     * @param message all but the payload; null when the row is no message
     * @param fault why the row is no message; null when it is one
     */
    record Found(
            Row row,
            long size,
            @Nullable Payload payload,
            Message.@Nullable Builder message,
            @Nullable String fault) {

        /** The claim, with the payload that was read with the row, or with the given one. */
        Claim claim(@Nullable Payload otherwise) {
            Payload body = payload == null ? otherwise : payload;
            if (message == null || body == null) {
                return unreadable(fault);
            }
            try {
                return new Claim.Sendable(row, message.payload(body).build());
            } catch (RefusedException e) {
                return unreadable(e.getMessage());
            }
        }

        boolean lacksPayload() {
            return message != null && payload == null;
        }

        Claim unreadable(@Nullable String reason) {
            return new Claim.Unreadable(row, String.valueOf(reason));
        }
    }

    RowMapper<Found> under(Map<Integer, Long> leases) {
        return (row, context) -> found(row, leases);
    }

    private Found found(ResultSet columns, Map<Integer, Long> leases) throws SQLException {
        Row row = row(columns, leases);
        long size = columns.getLong(SIZE);
        byte[] bytes = columns.getBytes(PAYLOAD);
        Payload payload = bytes == null ? null : Payload.wrap(bytes);
        try {
            return new Found(row, size, payload, message(row, columns), null);
        } catch (RefusedException e) {
            return new Found(row, size, payload, null, e.getMessage());
        }
    }

    private Row row(ResultSet columns, Map<Integer, Long> leases) throws SQLException {
        int shard = columns.getInt(SHARD);
        return new Row(
                Place.valueOf(columns.getString(PLACE)),
                columns.getLong(SEQ),
                dialect.messageId(columns, MESSAGE_ID),
                columns.getString(TOPIC),
                columns.getString(ORDERING_KEY),
                shard,
                leases.getOrDefault(shard, -1L),
                columns.getInt(ATTEMPTS),
                Timing.valueOf(columns.getString(TIMING)));
    }

    private Message.Builder message(Row row, ResultSet columns) throws SQLException {
        String source = columns.getString(SOURCE);
        return Message.to(row.topic())
                .id(row.messageId())
                .type(columns.getString(TYPE))
                .scene(columns.getString(SCENE))
                .bizId(columns.getString(BIZ_ID))
                .orderingKey(row.orderingKey())
                .source(source == null ? defaultSource : source)
                .contentType(columns.getString(CONTENT_TYPE))
                .headers(HeadersJson.parse(columns.getString(HEADERS)))
                .createdAt(dialect.instant(columns, CREATED_AT))
                .expiresAt(dialect.instant(columns, EXPIRES_AT));
    }
}
