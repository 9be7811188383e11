package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {

    private final Connection connection = open();

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    /** Not every pool does: the next one to borrow the connection would have read what others had not committed. */
    @Test
    void aConnectionIsGivenBackWithTheIsolationThatItCameWith() throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        Session session = Session.readUncommitted(poolOfOne(), H2.DIALECT);
        assertThat(session.<Integer>query(
                        handle -> handle.getTransactionIsolationLevel().intValue()))
                .isEqualTo(Connection.TRANSACTION_READ_UNCOMMITTED);
        session.close();
        assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
        assertThat(connection.getAutoCommit()).isTrue();
    }

    private static Connection open() {
        try {
            return H2.fresh().getConnection();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lends the one connection, which stays open, as it is. */
    private DataSource poolOfOne() {
        Connection lent = (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(connection, arguments));
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> lent);
    }
}
