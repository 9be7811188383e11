package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.testkit.DatabaseServer;
import io.bida.testkit.MariaDbServer;
import io.bida.testkit.MySqlServer;
import io.bida.testkit.PostgreSqlServer;
import io.bida.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** A durable server of its own with a fresh database. */
final class Bench implements AutoCloseable {

    static final int PAYLOAD = 300;

    private static final int ROWS_PER_INSERT = 1_000;

    final DatabaseServer server;
    final TestDatabase database;
    final HikariDataSource dataSource = new HikariDataSource();

    Bench(String kind) {
        server = switch (kind) {
            case "mariadb" -> MariaDbServer.start();
            case "mysql" -> MySqlServer.start();
            case "postgresql" -> PostgreSqlServer.start();
            default -> throw new IllegalArgumentException("No server '" + kind + "'.");
        };
        database = server.freshDatabase();
        dataSource.setJdbcUrl(database.url());
        dataSource.setUsername(database.user());
        dataSource.setPassword(database.password());
        dataSource.setMaximumPoolSize(40);
        dataSource.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    }

    /** Fills the outbox with that many messages of {@link #PAYLOAD} bytes, over so many keys; 0 for none. */
    void fill(int messages, int keys) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            for (int done = 0; done < messages; done += ROWS_PER_INSERT) {
                insert(connection, done, Math.min(ROWS_PER_INSERT, messages - done), keys);
                connection.commit();
            }
        }
    }

    private static void insert(Connection connection, int first, int rows, int keys) throws SQLException {
        String sql = "INSERT INTO bida_outbox (topic, type, biz_id, ordering_key, payload) VALUES "
                + "(?, ?, ?, ?, ?), ".repeat(rows - 1) + "(?, ?, ?, ?, ?)";
        byte[] payload = new byte[PAYLOAD];
        java.util.Arrays.fill(payload, (byte) 'x');
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int index = 0;
            for (int row = 0; row < rows; row++) {
                statement.setString(++index, "orders.placed");
                statement.setString(++index, "OrderPlaced");
                statement.setString(++index, "order-" + (first + row));
                statement.setString(++index, keys == 0 ? null : "key-" + (first + row) % keys);
                statement.setBytes(++index, payload);
            }
            statement.executeUpdate();
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        dataSource.close();
        server.close();
    }
}
