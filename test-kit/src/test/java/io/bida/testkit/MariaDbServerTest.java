package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MariaDbServerTest extends DatabaseServerContract<MariaDbServer> {

    MariaDbServerTest() {
        super(MariaDbServer.start());
    }

    @Override
    String setTimeZone() {
        return "SET time_zone = '+09:00'";
    }

    @Test
    void theDriverOfMySqlIsWelcomeToo() throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(server.mysqlJdbcUrl("mysql"), server.user(), server.password())) {
            assertThat(Dialect.of(connection).name()).isEqualTo("mariadb");
        }
    }
}
