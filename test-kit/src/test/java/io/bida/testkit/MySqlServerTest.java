package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MySqlServerTest extends DatabaseServerContract<MySqlServer> {

    MySqlServerTest() {
        super(MySqlServer.start());
    }

    @Override
    String setTimeZone() {
        return "SET time_zone = '+09:00'";
    }

    @Test
    void aTestDatabaseKeepsTheParametersOfTheServersAddress() throws SQLException {
        String address = server.jdbcUrl("mysql") + "?useAffectedRows=true";
        try (TestDatabase database = TestDatabase.create(server.dialect(), address, server.user(), server.password());
                Connection connection = database.connect()) {
            assertThat(database.url()).endsWith("/" + database.name() + "?useAffectedRows=true");
            assertThat(connection.getCatalog()).isEqualTo(database.name());
        }
    }
}
