package io.bida.transport.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.Set;

/**
 * Type {@code jdbc}: {@code url}, {@code user}, {@code password} of the receiver's database, the consumer {@code group},
 * the {@code timeout} of a statement (5 s) and the number of {@code connections} (2).
 */
public final class JdbcSenderFactory implements SenderFactory {

    /** Hikari takes nothing shorter. */
    private static final Duration SHORTEST = Duration.ofMillis(250);

    @Override
    public String type() {
        return "jdbc";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "user", "password", "group", "timeout", "connections");
    }

    /** A database that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        if (timeout.compareTo(SHORTEST) < 0) {
            throw new BidaException(settings.path("timeout") + " is at least 250ms.");
        }
        int connections = settings.positive("connections", 2);
        String group = settings.required("group");
        HikariDataSource pool = pool(settings, timeout, connections);
        try {
            return new JdbcSender(pool, group, timeout, connections, pool::close);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariDataSource pool(TransportSettings settings, Duration timeout, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bida-" + settings.name());
        config.setJdbcUrl(settings.required("url"));
        settings.text("user").ifPresent(config::setUsername);
        settings.text("password").ifPresent(config::setPassword);
        config.setMaximumPoolSize(connections);
        config.setConnectionTimeout(timeout.toMillis());
        config.setValidationTimeout(timeout.toMillis());
        config.setInitializationFailTimeout(-1);
        // On, auto-commit costs two round trips per transaction.
        config.setAutoCommit(false);
        config.setIsolateInternalQueries(true);
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new BidaException(settings.path("url") + ": no JDBC driver takes it.", e);
        }
    }
}
