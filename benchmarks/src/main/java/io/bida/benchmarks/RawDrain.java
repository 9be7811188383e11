package io.bida.benchmarks;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The raw limit of a drain: the rows are read in batches of 500 by their key, and deleted by it, with plain JDBC. */
final class RawDrain {

    private static final int BATCH = 500;
    private static final String READ = """
            SELECT seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                   created_at, due_at, expires_at, shard
            FROM bida_outbox WHERE seq > ? ORDER BY seq LIMIT ?""";
    private static final int COLUMNS = 15;

    private final Dialect dialect;
    private final PreparedStatement read;
    private final Statement delete;
    private long last;

    private RawDrain(Dialect dialect, PreparedStatement read, Statement delete) {
        this.dialect = dialect;
        this.read = read;
        this.delete = delete;
    }

    /** Rows per second, timed from the first batch read to the last deleted. */
    static double perSecond(Database database, int messages) throws SQLException {
        try (Connection connection = database.at.connect()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            try (PreparedStatement read = connection.prepareStatement(READ);
                    Statement delete = connection.createStatement()) {
                return new RawDrain(database.at.dialect(), read, delete).drain(connection, messages);
            }
        }
    }

    private double drain(Connection connection, int messages) throws SQLException {
        List<Long> seqs = read(messages);
        long begin = Clock.micros();
        int deleted = 0;
        while (!seqs.isEmpty()) {
            deleted += delete.executeUpdate(dialect.deleteByKey("bida_outbox", "seq", seqs, ""));
            connection.commit();
            seqs = read(messages - deleted);
        }
        if (deleted < messages) {
            throw new IllegalStateException("only " + deleted + " of " + messages + " messages were there");
        }
        return deleted * 1e6 / (Clock.micros() - begin);
    }

    private List<Long> read(int atMost) throws SQLException {
        List<Long> seqs = new ArrayList<>(BATCH);
        read.setLong(1, last);
        read.setInt(2, Math.min(BATCH, atMost));
        try (ResultSet rows = read.executeQuery()) {
            while (rows.next()) {
                last = rows.getLong(1);
                seqs.add(last);
                for (int column = 2; column <= COLUMNS; column++) {
                    rows.getObject(column);
                }
            }
        }
        return seqs;
    }
}
