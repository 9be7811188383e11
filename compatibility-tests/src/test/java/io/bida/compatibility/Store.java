package io.bida.compatibility;

import io.bida.sql.Dialect;
import io.bida.testkit.Databases;
import io.bida.testkit.TestDatabase;
import java.util.UUID;

/** Every kind of database that Bida's tables can live in. */
enum Store {
    MARIADB,
    MYSQL,
    POSTGRESQL,
    H2;

    /** An empty database with the schema. */
    TestDatabase fresh() {
        if (this != H2) {
            return Databases.valueOf(name()).fresh();
        }
        String name = UUID.randomUUID().toString();
        Dialect dialect = Dialect.named("h2");
        String url = "jdbc:h2:mem:" + name + ";MODE=MySQL;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000";
        TestDatabase database = new TestDatabase(dialect, name, url, "sa", "");
        database.execute(dialect.schema());
        return database;
    }
}
