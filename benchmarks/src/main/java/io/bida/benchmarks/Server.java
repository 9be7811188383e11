package io.bida.benchmarks;

import io.bida.testkit.DatabaseServer;
import io.bida.testkit.MariaDbServer;
import io.bida.testkit.MySqlServer;
import io.bida.testkit.PostgreSqlServer;

/** The servers to measure on. */
enum Server {
    MARIADB,
    MYSQL,
    POSTGRESQL;

    /** Starts one of its own, durable. */
    DatabaseServer start() {
        return switch (this) {
            case MARIADB -> MariaDbServer.start();
            case MYSQL -> MySqlServer.start();
            case POSTGRESQL -> PostgreSqlServer.start();
        };
    }

    Idiom idiom() {
        return this == POSTGRESQL ? new PostgreSqlIdiom() : new MySqlIdiom();
    }
}
