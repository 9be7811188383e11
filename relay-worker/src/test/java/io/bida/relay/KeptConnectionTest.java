package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connection that all of housekeeping shares. */
@Timeout(30)
class KeptConnectionTest {

    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final JdbcDataSource dataSource = new JdbcDataSource();
    private final KeptConnection kept = new KeptConnection(Session.readCommitted(dataSource, Dialect.named("h2")));

    @BeforeEach
    void createTable() throws SQLException {
        dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        inOneTransaction("CREATE TABLE t (id INT)");
    }

    @AfterEach
    void close() {
        kept.close();
        other.shutdownNow();
    }

    @Test
    void oneConnectionServesTransactionAfterTransaction() throws SQLException {
        inOneTransaction("INSERT INTO t VALUES (1)");
        int first = number("SELECT SESSION_ID()");
        inOneTransaction("INSERT INTO t VALUES (2)");

        assertThat(number("SELECT SESSION_ID()")).isEqualTo(first);
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void whatIsGivenBackInTheMiddleOfATransactionIsRolledBack() throws SQLException {
        try (Connection lent = kept.lend();
                Statement statement = lent.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
        }

        assertThat(rows()).isZero();
    }

    @Test
    void aConnectionThatBrokeIsReplaced() throws SQLException {
        try (Connection lent = kept.lend();
                Statement statement = lent.createStatement()) {
            statement.getConnection().close();
            assertThatThrownBy(lent::commit).isInstanceOf(SQLException.class);
        }

        inOneTransaction("INSERT INTO t VALUES (1)");
        assertThat(rows()).isEqualTo(1);
    }

    /** Quartz asks on a second connection whether the commit was done, and closes the first one after that. */
    @Test
    void whatFailedToCommitIsGivenBackBeforeItIsClosed() throws SQLException {
        try (Connection lent = kept.lend();
                Statement statement = lent.createStatement()) {
            statement.getConnection().close();
            assertThatThrownBy(lent::commit).isInstanceOf(SQLException.class);
            lent.rollback();

            inOneTransaction("INSERT INTO t VALUES (1)");
            assertThatThrownBy(lent::createStatement).hasMessageContaining("given back");
        }
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void itIsLentToOneAtATimeAndClosingItTwiceGivesItBackOnce() throws Exception {
        Connection lent = kept.lend();
        Future<Connection> waiting = other.submit(kept::lend);
        lent.close();
        lent.close();
        Connection second = waiting.get();
        Future<Connection> third = other.submit(kept::lend);

        assertThat(lent.isClosed()).isTrue();
        assertThat(third).isNotDone();
        second.close();
        await().until(third::isDone);
        third.get().close();
    }

    @Test
    void whoStillWaitsWhenItIsClosedIsTold() throws Exception {
        Connection lent = kept.lend();
        Future<Connection> waiting = other.submit(kept::lend);
        Thread closing = new Thread(kept::close);
        closing.start();
        await().until(() -> closing.getState() == Thread.State.WAITING);
        lent.close();

        assertThatThrownBy(waiting::get).hasMessageContaining("the relay ends");
        closing.join();
    }

    @Test
    void whoIsInterruptedIsLentItAllTheSame() throws SQLException {
        Thread.currentThread().interrupt();
        try {
            inOneTransaction("INSERT INTO t VALUES (1)");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(rows()).isEqualTo(1);
    }

    private void inOneTransaction(String sql) throws SQLException {
        int unused = kept.transact(handle -> handle.execute(sql));
    }

    private int rows() throws SQLException {
        return number("SELECT COUNT(*) FROM t");
    }

    private int number(String sql) throws SQLException {
        return kept.transact(
                handle -> handle.createQuery(sql).mapTo(Integer.class).one());
    }
}
