package io.bida.console;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.BidaException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * An open pool of connections for one relay: few, at READ COMMITTED, with time-outs well within a lease. Thread-safe.
 */
public final class Database implements AutoCloseable {

    private static final int CONNECTIONS = 10;
    private static final int PROBE_SECONDS = 3;
    private static final int ANSWER_SECONDS = 30;
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final List<String> TABLES = List.of("bida_outbox", "bida_outbox_parked", "bida_lease", "bida_node");

    private final Login login;
    private final HikariDataSource pool;

    private Database(Login login, HikariDataSource pool) {
        this.login = login;
        this.pool = pool;
    }

    /**
     * Waits until the database answers, and opens the pool.
     *
     * @param patience how long a database that cannot be reached is tried; what waiting cannot mend ends at once
     * @param progress is told once when the first attempt fails
     * @throws BidaException with a sentence that names the database and the user
     */
    public static Database open(DatabaseSettings settings, String name, Duration patience, Consumer<String> progress) {
        Login login = new Login(settings);
        await(login, patience, progress);
        return new Database(login, pool(login, name));
    }

    /** Waits as {@link #open} does. */
    static void await(Login login, Duration patience, Consumer<String> progress) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean told = patience.isZero();
        while (true) {
            try (Connection connection = login.connect(PROBE_SECONDS)) {
                return;
            } catch (SQLException e) {
                boolean again = DatabaseFault.of(e).passes() && System.nanoTime() + PAUSE.toNanos() < deadline;
                if (!again) {
                    throw login.explain(
                            e, told && !patience.isZero() ? " It was tried for " + patience.toSeconds() + " s." : "");
                }
                if (!told) {
                    progress.accept(login.sentence(e) + " It is tried for " + patience.toSeconds() + " s.");
                    told = true;
                }
            }
            pause(login);
        }
    }

    public DataSource dataSource() {
        return pool;
    }

    /** The database and where it is, without secrets: {@code orders at 127.0.0.1:3306}. */
    public String place() {
        return login.url().place();
    }

    /** @throws BidaException when the tables are not there, or not for this user */
    public void requireTables() {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement
                        .executeQuery("SELECT 1 FROM " + table + " WHERE 1 = 0")
                        .close();
            }
        } catch (SQLException e) {
            throw login.explain(e);
        }
    }

    /** The pool's use becomes meters. */
    void observe(MeterRegistry registry) {
        pool.setMetricRegistry(registry);
    }

    @Override
    public void close() {
        pool.close();
    }

    private static HikariDataSource pool(Login login, String name) {
        var needs = login.url().server().needs(PROBE_SECONDS, ANSWER_SECONDS);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDriverClassName(login.url().server().driver());
        config.setJdbcUrl(login.url().text(needs));
        config.setDataSourceProperties(login.url().properties(needs));
        config.setUsername(login.settings().user());
        config.setPassword(login.settings().password());
        config.setMaximumPoolSize(CONNECTIONS);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionTimeout(Duration.ofSeconds(PROBE_SECONDS).toMillis());
        config.setValidationTimeout(Duration.ofSeconds(2).toMillis());
        config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
        // It was reached just now; from here on the relay tries for ever.
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    private static void pause(Login login) {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BidaException("Interrupted while waiting for the database " + login.url() + ".", e);
        }
    }
}
