package io.bida.transport.jdbc;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.message.Payload;
import io.bida.sql.Dialect;
import io.bida.sql.HeadersJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The rows of one consumer group in {@code bida_inbox_queue}. Immutable and thread-safe. */
final class ReceiverQueue {

    private static final String COLUMNS = "message_id, topic, type, scene, biz_id, ordering_key, source, content_type,"
            + " headers, payload, created_at, due_at, expires_at";
    private static final int MAX_ERROR = 1000;

    private final Dialect dialect;
    private final String group;

    ReceiverQueue(Dialect dialect, String group) {
        this.dialect = dialect;
        this.group = checkedGroup(group);
    }

    static String checkedGroup(String group) {
        int length = group.codePointCount(0, group.length());
        if (length < 1 || length > 64 || !group.equals(group.strip())) {
            throw new BidaException(
                    "A consumer group has 1 to 64 characters and no spaces around it: '" + group + "'.");
        }
        return group;
    }

    /** Adds the messages in their order, in one statement; those that are there already stay as they are. */
    void add(Handle tx, List<Message> messages, Duration timeout) {
        String row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE(?, " + dialect.now() + "), ?, ?)";
        String insert = """
                INSERT INTO bida_inbox_queue (consumer_group, %s)
                VALUES %s
                %s""".formatted(
                        COLUMNS,
                        String.join(", ", Collections.nCopies(messages.size(), row)),
                        dialect.keepExisting("bida_inbox_queue", "message_id"));
        try (Update update = tx.createUpdate(insert)) {
            update.setQueryTimeout((int) Math.max(1, timeout.plusMillis(999).toSeconds()));
            int position = 0;
            for (Message message : messages) {
                for (Object value : values(message)) {
                    update.bind(position++, as(value));
                }
            }
            update.execute();
        }
    }

    private List<@Nullable Object> values(Message m) {
        return Arrays.asList(
                group,
                dialect.bind(m.id()),
                m.topic(),
                m.type(),
                m.scene().equals(m.type()) ? null : m.scene(),
                m.bizId().value(),
                m.orderingKey(),
                m.source(),
                m.contentType(),
                HeadersJson.write(m.headers()),
                m.payload().toByteArray(),
                m.createdAt() == null ? null : dialect.bind(m.createdAt()),
                m.dueAt() == null ? null : dialect.bind(m.dueAt()),
                m.expiresAt() == null ? null : dialect.bind(m.expiresAt()));
    }

    /** The due rows after that seq, in order. */
    List<Row> due(Handle tx, long after, int limit) {
        String select = """
                SELECT seq, CASE WHEN expires_at <= %s THEN 1 ELSE 0 END AS expired, %s
                FROM bida_inbox_queue
                WHERE consumer_group = ? AND seq > ? AND (due_at IS NULL OR due_at <= %s)
                ORDER BY seq
                LIMIT %d""".formatted(dialect.now(), COLUMNS, dialect.now(), limit);
        try (var query = tx.createQuery(select)) {
            return query.bind(0, group)
                    .bind(1, after)
                    .map((row, context) -> row(row))
                    .list();
        }
    }

    /** The keys of rows that wait for their time, each with its first such row: what comes after it waits too. */
    Map<String, Long> heldKeys(Handle tx) {
        String select = """
                SELECT ordering_key, MIN(seq)
                FROM bida_inbox_queue
                WHERE consumer_group = ? AND ordering_key IS NOT NULL AND due_at > %s
                GROUP BY ordering_key""".formatted(dialect.now());
        Map<String, Long> held = new HashMap<>();
        try (var query = tx.createQuery(select)) {
            query.bind(0, group)
                    .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                    .forEach(key -> held.put(key.getKey(), key.getValue()));
        }
        return held;
    }

    void remove(Handle tx, Collection<Long> seqs) {
        tx.execute(dialect.deleteByKey("bida_inbox_queue", "seq", seqs, ""));
    }

    /** Not before the wait is over, by the database's clock. */
    void defer(Handle tx, long seq, Duration wait) {
        tx.execute(
                "UPDATE bida_inbox_queue SET due_at = "
                        + dialect.nowPlus(String.valueOf(TimeUnit.MILLISECONDS.toMicros(wait.toMillis())))
                        + " WHERE seq = ?",
                seq);
    }

    /** Moves the row aside as DEAD, as it is stored. */
    void park(Handle tx, long seq, int attempts, String reason) {
        String move = """
                INSERT INTO bida_inbox_parked
                    (seq, consumer_group, %s, state, attempts, last_error, parked_at)
                SELECT seq, consumer_group, %s, 'DEAD', %d, ?, %s
                FROM bida_inbox_queue
                WHERE seq = ?
                %s""".formatted(
                        COLUMNS, COLUMNS, attempts, dialect.now(), dialect.keepExisting("bida_inbox_parked", "state"));
        tx.execute(move, storable(reason), seq);
        remove(tx, List.of(seq));
    }

    private Row row(ResultSet row) throws SQLException {
        long seq = row.getLong("seq");
        String key = row.getString("ordering_key");
        try {
            if (row.getInt("expired") == 1) {
                return new Row(seq, key, null, "It expired before it was handled.");
            }
            return new Row(seq, key, message(row), "");
        } catch (BidaException e) {
            return new Row(seq, key, null, "It cannot be read: " + e.getMessage());
        }
    }

    private Message message(ResultSet row) throws SQLException {
        MessageId id = dialect.messageId(row, "message_id");
        return Message.to(row.getString("topic"))
                .id(id)
                .type(row.getString("type"))
                .scene(row.getString("scene"))
                .bizId(row.getString("biz_id"))
                .orderingKey(row.getString("ordering_key"))
                .source(row.getString("source"))
                .contentType(row.getString("content_type"))
                .headers(HeadersJson.parse(row.getString("headers")))
                .payload(Payload.wrap(row.getBytes("payload")))
                .createdAt(dialect.instant(row, "created_at"))
                .expiresAt(dialect.instant(row, "expires_at"))
                .build();
    }

    private static String storable(String reason) {
        String text = reason.replace('\0', '?');
        return text.codePointCount(0, text.length()) <= MAX_ERROR
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_ERROR));
    }

    /** The value as the driver takes it, past Jdbi's own conversions. */
    private static Argument as(@Nullable Object value) {
        return (position, statement, context) -> statement.setObject(position, value);
    }

    /**
     * One row as read.
     *
     * @param message null when the row holds none that can be handled
     * @param fault why there is no message
     */
    record Row(
            long seq,
            @Nullable String orderingKey,
            @Nullable Message message,
            String fault) {}
}
