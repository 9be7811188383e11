package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.outbox.Claim.Row;
import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Statements past Jdbi, which would parse each of these long and ever different texts for named parameters. */
final class Direct {

    private Direct() {}

    /** Answers how many rows were changed. */
    static int execute(Handle handle, String sql, @Nullable Object... parameters) {
        try {
            return parameters.length == 0
                    ? executePlain(handle.getConnection(), sql)
                    : executePrepared(handle.getConnection(), sql, parameters);
        } catch (SQLException e) {
            throw new IllegalStateException("Not written: " + e.getMessage(), e);
        }
    }

    /** Whether the query finds a row. */
    static boolean exists(Handle handle, String sql) {
        try (Statement statement = handle.getConnection().createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next();
        } catch (SQLException e) {
            throw new IllegalStateException("Not read: " + e.getMessage(), e);
        }
    }

    private static int executePlain(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static int executePrepared(Connection connection, String sql, @Nullable Object[] parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    static List<Long> seqs(List<Row> rows) {
        return rows.stream().map(Row::seq).toList();
    }

    static String list(Collection<? extends Number> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** The parked table may hold one number twice, after the hot table was made anew. */
    static String andIds(Dialect dialect, List<MessageId> ids) {
        return ids.stream()
                .map(dialect::literal)
                .collect(Collectors.joining(",", "AND " + dialect.unindexed("message_id") + " IN (", ")"));
    }

    static List<MessageId> ids(List<Row> rows) {
        return rows.stream().map(Row::messageId).toList();
    }
}
