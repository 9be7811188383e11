package io.bida.inbox;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** Databases in memory with Bida's schema. */
final class H2 {

    private H2() {}

    static DataSource fresh() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=MySQL;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000");
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(Dialect.of(connection).schema());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return database;
    }
}
