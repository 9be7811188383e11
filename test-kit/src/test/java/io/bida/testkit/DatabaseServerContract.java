package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.bida.message.MessageId;
import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every real server must do, and Bida's schema on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DatabaseServerContract<S extends DatabaseServer> {

    final S server;

    DatabaseServerContract(S server) {
        this.server = server;
    }

    @AfterAll
    void endTheServer() {
        server.close();
        assertThat(server.data()).doesNotExist();
        assertThat(server.isRunning()).isFalse();
    }

    /** In a session whose clock is not in UTC. */
    abstract String setTimeZone();

    @Test
    void aPlainInsertOfFourColumnsGetsAnIdATimeInUtcAndAShard() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            execute(connection, setTimeZone());
            insert(connection, "order-1", null);
            insert(connection, "order-2", null);
            Set<MessageId> ids = new HashSet<>();
            Dialect dialect = database.dialect();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT * FROM bida_outbox ORDER BY seq")) {
                while (rows.next()) {
                    ids.add(dialect.messageId(rows, "message_id"));
                    assertThat(dialect.instant(rows, "created_at"))
                            .isCloseTo(Instant.now(), within(20, ChronoUnit.SECONDS));
                    assertThat(rows.getInt("shard")).isBetween(0, 63);
                    assertThat(rows.getString("content_type")).isEqualTo("application/json");
                }
            }
            assertThat(ids).hasSize(2);
        }
    }

    @Test
    void twoProducersWithOneOrderingKeyGetOneShard() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection one = database.connect();
                Connection other = database.connect()) {
            insert(one, "order-1", "customer-7");
            insert(other, "order-2", "customer-7");
            assertThat(number(one, "SELECT COUNT(DISTINCT shard) FROM bida_outbox"))
                    .isEqualTo(1);
            assertThat(number(one, "SELECT COUNT(DISTINCT message_id) FROM bida_outbox"))
                    .isEqualTo(2);
        }
    }

    @Test
    void messagesWithoutAKeySpreadOverTheShards() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 500; i++) {
                insert(connection, "order-" + i, null);
            }
            connection.commit();
            assertThat(number(connection, "SELECT COUNT(DISTINCT shard) FROM bida_outbox"))
                    .isGreaterThan(55);
        }
    }

    @Test
    void textIsComparedExactly() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            insert(connection, "Order-1", null);
            assertThat(number(connection, "SELECT COUNT(*) FROM bida_outbox WHERE biz_id = 'order-1'"))
                    .isZero();
        }
    }

    @Test
    void everyShardHasALease() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            assertThat(number(connection, "SELECT COUNT(*) FROM bida_lease")).isEqualTo(64);
        }
    }

    @Test
    void theDriverTellsTheDialect() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            assertThat(Dialect.of(connection).name()).isEqualTo(server.dialect().name());
        }
    }

    @Test
    void aKilledServerComesBackWithItsCommittedRows() throws SQLException {
        try (TestDatabase database = server.freshDatabase()) {
            Connection open = database.connect();
            insert(open, "committed", null);
            open.setAutoCommit(false);
            insert(open, "not committed", null);
            server.kill();

            assertThat(server.isRunning()).isFalse();
            assertThatExceptionOfType(SQLException.class).isThrownBy(database::connect);
            server.restart();
            try (Connection connection = database.connect()) {
                assertThat(number(connection, "SELECT COUNT(*) FROM bida_outbox"))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void itsProcessAndItsLogCanBeWatched() {
        assertThat(ProcessHandle.of(server.pid()))
                .hasValueSatisfying(process -> assertThat(process.isAlive()).isTrue());
        assertThat(server.log()).isNotEmptyFile();
    }

    @Test
    void aPausedServerAnswersOnceItIsResumed() throws SQLException {
        try (TestDatabase database = server.freshDatabase();
                Connection connection = database.connect()) {
            server.pause();
            try {
                connection.setNetworkTimeout(Runnable::run, 300);
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> number(connection, "SELECT COUNT(*) FROM bida_outbox"));
            } finally {
                server.resume();
            }
            try (Connection again = database.connect()) {
                assertThat(number(again, "SELECT COUNT(*) FROM bida_outbox")).isZero();
            }
        }
    }

    @Test
    void aDatabaseIsCreatedByName() throws SQLException {
        server.createDatabase("orders");
        try (Connection connection =
                DriverManager.getConnection(server.jdbcUrl("orders"), server.user(), server.password())) {
            execute(connection, "CREATE TABLE orders (id INT)");
        }
    }

    @Test
    void aWrongPasswordIsRefused() {
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> DriverManager.getConnection(server.jdbcUrl(""), server.user(), "wrong"));
    }

    private static void insert(Connection connection, String bizId, @Nullable String key) throws SQLException {
        String columns = key == null ? "" : ", ordering_key";
        String values = key == null ? "" : ", '" + key + "'";
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO bida_outbox (topic, type, biz_id, payload" + columns
                        + ") VALUES ('orders', 'order-paid', ?, ?" + values + ")")) {
            insert.setString(1, bizId);
            insert.setBytes(2, new byte[] {1, 2, 3});
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
