package io.bida.relay;

import io.bida.sql.Dialect;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;

/** Databases in memory with Bida's schema. */
final class H2 {

    static final Dialect DIALECT = Dialect.named("h2");

    private H2() {}

    static DataSource fresh() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=MySQL;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000");
        Jdbi.create(database).useHandle(handle -> handle.execute(DIALECT.schema()));
        return database;
    }
}
