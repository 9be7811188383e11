package io.bida.outbox;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.sql.Dialect;
import io.bida.sql.HeadersJson;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes messages with as few multi-row INSERTs as the servers' packets allow. */
final class MessageInsert {

    private static final String COLUMNS = """
            INSERT INTO bida_outbox
                (message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                 due_at, expires_at)
            VALUES\s""";
    private static final String ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final int MAX_ROWS = 500;
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_HEADERS = 65_535;

    private final int maxPayload;

    MessageInsert(int maxPayload) {
        this.maxPayload = maxPayload;
    }

    /** A message with its headers in the form of the table. */
    private record Row(Message message, @Nullable String headers) {

        int size() {
            return message.payload().size() + (headers == null ? 0 : headers.length()) + 1_000;
        }
    }

    void write(Connection transaction, List<Message> messages) {
        List<Row> rows = messages.stream().map(this::checked).toList();
        try {
            requireTransaction(transaction);
            Dialect dialect = Dialect.of(transaction);
            for (List<Row> chunk : chunks(rows)) {
                insert(transaction, dialect, chunk);
            }
        } catch (SQLException e) {
            throw new BidaException(
                    "The outbox took none of " + messages.size() + " message(s); roll the transaction back: "
                            + explained(e),
                    e);
        }
    }

    private Row checked(Message message) {
        int size = message.payload().size();
        if (size > maxPayload) {
            throw new RefusedException("The payload of " + message.bizId() + " has " + size + " bytes, at most "
                    + maxPayload + " are allowed; nothing was written. Store the body elsewhere and send its address,"
                    + " or raise maxPayload together with the database's packet limit.");
        }
        String headers = HeadersJson.write(message.headers());
        if (headers != null && headers.getBytes(StandardCharsets.UTF_8).length > MAX_HEADERS) {
            throw new RefusedException("The headers of " + message.bizId() + " have more than " + MAX_HEADERS
                    + " bytes as JSON; nothing was written.");
        }
        return new Row(message, headers);
    }

    private static void requireTransaction(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new RefusedException("The connection is in auto-commit mode, so there is no transaction that the"
                    + " message could be part of; nothing was written. Begin a transaction, change the business rows"
                    + " and publish in it.");
        }
    }

    private static List<List<Row>> chunks(List<Row> rows) {
        List<List<Row>> chunks = new ArrayList<>();
        int from = 0;
        int bytes = 0;
        for (int i = 0; i < rows.size(); i++) {
            int size = rows.get(i).size();
            if (i > from && (i - from == MAX_ROWS || bytes + size > MAX_BYTES)) {
                chunks.add(rows.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        if (from < rows.size()) {
            chunks.add(rows.subList(from, rows.size()));
        }
        return chunks;
    }

    private static void insert(Connection transaction, Dialect dialect, List<Row> rows) throws SQLException {
        String sql = COLUMNS + (ROW + ", ").repeat(rows.size() - 1) + ROW;
        try (PreparedStatement statement = transaction.prepareStatement(sql)) {
            Binding binding = new Binding(statement, dialect);
            for (Row row : rows) {
                binding.add(row);
            }
            statement.executeUpdate();
        }
    }

    private static String explained(SQLException e) {
        String state = e.getSQLState();
        boolean missingTable = "42S02".equals(state) || "42P01".equals(state);
        return missingTable
                ? "the table bida_outbox is missing, './bida migrate' creates it."
                : String.valueOf(e.getMessage());
    }

    /** Binds one row after the other. */
    private static final class Binding {

        private final PreparedStatement statement;
        private final Dialect dialect;
        private int index;

        Binding(PreparedStatement statement, Dialect dialect) {
            this.statement = statement;
            this.dialect = dialect;
        }

        void add(Row row) throws SQLException {
            Message message = row.message();
            object(dialect.bind(message.id()));
            text(message.topic());
            text(message.type());
            text(message.scene().equals(message.type()) ? null : message.scene());
            text(message.bizId().value());
            text(message.orderingKey());
            text(message.source());
            text(message.contentType());
            text(row.headers());
            statement.setBytes(++index, message.payload().toByteArray());
            time(message.dueAt());
            time(message.expiresAt());
        }

        private void object(Object value) throws SQLException {
            statement.setObject(++index, value);
        }

        private void text(@Nullable String value) throws SQLException {
            statement.setString(++index, value);
        }

        private void time(java.time.@Nullable Instant value) throws SQLException {
            if (value == null) {
                statement.setNull(++index, Types.TIMESTAMP);
            } else {
                object(dialect.bind(value));
            }
        }
    }
}
