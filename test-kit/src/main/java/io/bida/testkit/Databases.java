package io.bida.testkit;

import io.bida.sql.Dialect;
import java.sql.DriverManager;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases that tests run against, one server each per JVM, started at first use: the one that
 * {@code BIDA_TEST_MARIADB_URL}, {@code BIDA_TEST_MYSQL_URL} or {@code BIDA_TEST_POSTGRESQL_URL} names (with
 * {@code ..._USER} and {@code ..._PASSWORD}), else a {@link DatabaseServer}. A test is never skipped for want of a
 * server. Thread-safe.
 */
public enum Databases {
    MARIADB {
        @Override
        Server started() {
            MariaDbServer server = MariaDbServer.start(Durability.RELAXED);
            boolean own = DriverManager.drivers()
                    .anyMatch(driver -> driver.getClass().getName().startsWith("org.mariadb."));
            String url = own ? server.jdbcUrl("") : server.mysqlJdbcUrl("");
            return new Server(url, server.user(), server.password());
        }
    },
    MYSQL {
        @Override
        Server started() {
            return Server.of(MySqlServer.start(Durability.RELAXED));
        }
    },
    POSTGRESQL {
        @Override
        Server started() {
            return Server.of(PostgreSqlServer.start(Durability.RELAXED));
        }
    };

    private static final Map<Databases, Server> SHARED = new ConcurrentHashMap<>();

    public Dialect dialect() {
        return Dialect.named(name().toLowerCase(Locale.ROOT));
    }

    /** Creates a database of a new name with Bida's schema in it; closing it drops it. */
    public TestDatabase fresh() {
        Server server = shared();
        return TestDatabase.create(dialect(), server.url(), server.user(), server.password());
    }

    abstract Server started();

    private Server shared() {
        return SHARED.computeIfAbsent(this, Databases::givenOrStarted);
    }

    private Server givenOrStarted() {
        String url = System.getenv("BIDA_TEST_" + name() + "_URL");
        return url == null || url.isBlank() ? started() : new Server(url, given("USER"), given("PASSWORD"));
    }

    private String given(String what) {
        String value = System.getenv("BIDA_TEST_" + name() + "_" + what);
        return value == null ? "" : value;
    }

    record Server(String url, String user, String password) {

        static Server of(DatabaseServer server) {
            return new Server(server.jdbcUrl(""), server.user(), server.password());
        }
    }
}
