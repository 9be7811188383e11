package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database is waited for where waiting helps, and refused with a sentence where it does not. */
class DatabaseTest {

    private final List<String> progress = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb", "postgresql"})
    void aServerThatIsDownIsTriedForAWhile(String server) throws IOException {
        int port = closedPort();
        String sentence = "The database orders at 127.0.0.1:" + port + " cannot be reached: connection refused.";
        long start = System.nanoTime();

        assertThatThrownBy(() -> open("jdbc:" + server + "://127.0.0.1:" + port + "/orders", Duration.ofSeconds(1)))
                .isInstanceOf(BidaException.class)
                .hasMessage(sentence + " It was tried for 1 s.");
        assertThat(progress).containsExactly(sentence + " It is tried for 1 s.");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(700), Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "postgresql"})
    void aServerThatTakesTheCallAndSaysNothingIsNotWaitedForLonger(String server) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String url = "jdbc:" + server + "://127.0.0.1:" + silent.getLocalPort() + "/orders";

            assertThatThrownBy(() -> open(url, Duration.ZERO))
                    .isInstanceOf(BidaException.class)
                    .hasMessage("The database orders at 127.0.0.1:" + silent.getLocalPort()
                            + " cannot be reached: it does not answer.");
        }
    }

    @Test
    void aWrongPasswordEndsAtOnce() throws SQLException {
        String url = "jdbc:h2:mem:locked";
        try (Connection keeper = DriverManager.getConnection(url, "bida", "right")) {
            assertThatThrownBy(() -> Database.open(
                            new DatabaseSettings(url, "bida", "topsecret"),
                            "test",
                            Duration.ofSeconds(60),
                            progress::add))
                    .isInstanceOf(BidaException.class)
                    .hasMessage(
                            "The database mem:locked refuses user 'bida': wrong user or password, or no grant on it.");
            assertThat(keeper.isClosed()).isFalse();
        }
        assertThat(progress).isEmpty();
    }

    @Test
    void aDatabaseThatDoesNotExistEndsAtOnce() {
        assertThatThrownBy(() -> open("jdbc:h2:mem:absent;IFEXISTS=TRUE", Duration.ofSeconds(60)))
                .isInstanceOf(BidaException.class)
                .hasMessage("The database mem:absent does not exist (asked as user 'bida').");
    }

    @Test
    void missingTablesAreMadeByMigrate() {
        try (Database database = open("jdbc:h2:mem:bare", Duration.ZERO)) {
            assertThatThrownBy(database::requireTables)
                    .isInstanceOf(BidaException.class)
                    .hasMessage(
                            "The database mem:bare lacks Bida's tables; make them with ./bida migrate, or start with"
                                    + " --migrate (asked as user 'bida').");
        }
    }

    @Test
    void aRelaysConnectionsReadCommitted() throws SQLException {
        try (Database database = open("jdbc:h2:mem:isolation", Duration.ZERO);
                Connection connection = database.dataSource().getConnection()) {
            assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
            assertThat(database.place()).isEqualTo("mem:isolation");
        }
    }

    private Database open(String url, Duration patience) {
        return Database.open(new DatabaseSettings(url, "bida", "topsecret"), "test", patience, progress::add);
    }

    static int closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
