package io.bida.stored;

import io.bida.message.Message;
import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import io.bida.sql.HeadersJson;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Puts messages into the queue of one consumer group, {@code bida_inbox_queue}. Immutable and thread-safe. */
public final class InboxQueue {

    private static final String COLUMNS =
            "consumer_group, message_id, topic, type, scene, biz_id, ordering_key, source,"
                    + " content_type, headers, payload, created_at, due_at, expires_at";

    private final String group;
    private final String table;

    /** @param group 1 to 64 characters, without spaces around them */
    public InboxQueue(String group) {
        this.group = group;
        this.table = DurableQueue.ofGroup(group, false).hot();
    }

    /** Adds the messages in their order, in one statement; those that are there already stay as they are. */
    public void add(Handle tx, Dialect dialect, List<Message> messages, Duration timeout) {
        try (Update insert = insert(tx, dialect, messages, dialect.keepExisting(table, "message_id"))) {
            insert.setQueryTimeout((int) Math.max(1, timeout.plusMillis(999).toSeconds()));
            insert.execute();
        }
    }

    /** Answers whether the message is new. */
    boolean add(Handle tx, Dialect dialect, Message message) {
        String end = dialect.refusesAfterError() ? "ON CONFLICT DO NOTHING" : "";
        try (Update insert = insert(tx, dialect, List.of(message), end)) {
            return insert.execute() == 1;
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isDuplicateKey(cause)) {
                return false;
            }
            throw e;
        }
    }

    private Update insert(Handle tx, Dialect dialect, List<Message> messages, String end) {
        String row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE(?, " + dialect.now() + "), ?, ?)";
        Update insert = tx.createUpdate("INSERT INTO " + table + " (" + COLUMNS + ") VALUES "
                + String.join(", ", Collections.nCopies(messages.size(), row)) + " " + end);
        int position = 0;
        for (Message message : messages) {
            for (Object value : values(dialect, message)) {
                insert.bind(position++, as(value));
            }
        }
        return insert;
    }

    private List<@Nullable Object> values(Dialect dialect, Message m) {
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

    /** The value as the driver takes it, past Jdbi's own conversions. */
    private static Argument as(@Nullable Object value) {
        return (position, statement, context) -> statement.setObject(position, value);
    }
}
