package io.bida.testkit;

import io.bida.sql.Dialect;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases that tests run against, one server each per JVM, started at first use: the one that
 * {@code BIDA_TEST_MARIADB_URL}, {@code BIDA_TEST_MYSQL_URL} or {@code BIDA_TEST_POSTGRESQL_URL} names (with
 * {@code ..._USER} and {@code ..._PASSWORD}), else one in Docker where that answers and Testcontainers is on the class
 * path, else a {@link DatabaseServer}. A test is never skipped for want of a
 * server. Thread-safe.
 */
public enum Databases {
    MARIADB {
        @Override
        DatabaseServer start() {
            return MariaDbServer.start(Durability.RELAXED);
        }
    },
    MYSQL {
        @Override
        DatabaseServer start() {
            return MySqlServer.start(Durability.RELAXED);
        }
    },
    POSTGRESQL {
        @Override
        DatabaseServer start() {
            return PostgreSqlServer.start(Durability.RELAXED);
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

    abstract DatabaseServer start();

    private Server shared() {
        return SHARED.computeIfAbsent(this, Databases::givenOrStarted);
    }

    private Server givenOrStarted() {
        String url = System.getenv("BIDA_TEST_" + name() + "_URL");
        return url == null || url.isBlank()
                ? DockerServers.start(this).orElseGet(() -> Server.of(start()))
                : new Server(url, given("USER"), given("PASSWORD"));
    }

    private String given(String what) {
        String value = System.getenv("BIDA_TEST_" + name() + "_" + what);
        return value == null ? "" : value;
    }

    record Server(String url, String user, String password) {

        static Server of(DatabaseServer server) {
            return new Server(server.serverUrl(), server.user(), server.password());
        }
    }
}
