package io.bida.relay;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Stub, dropped at merge. */
public final class Relay implements AutoCloseable {

    private final DataSource dataSource;
    private volatile boolean running;

    private Relay(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    public static Builder builder() {
        return new Builder();
    }

    public void start() {
        try (Connection connection = dataSource.getConnection()) {
            running = connection.isValid(1);
        } catch (SQLException e) {
            throw new BidaException("The database is wrong.", e);
        }
    }

    public boolean isLive() {
        return running;
    }

    public boolean isReady() {
        return running;
    }

    @Override
    public void close() {
        running = false;
    }

    /** Stub. */
    public static final class Builder {

        private final Map<String, Sender> senders = new HashMap<>();
        private @Nullable DataSource dataSource;

        public Builder name(String name) {
            return this;
        }

        public Builder dataSource(DataSource dataSource) {
            this.dataSource = dataSource;
            return this;
        }

        public Builder sender(String name, Sender sender) {
            senders.put(name, sender);
            return this;
        }

        public Builder route(Route route) {
            return this;
        }

        public Builder retry(RetryPolicy retry) {
            return this;
        }

        public Builder batch(int batch) {
            return this;
        }

        public Builder lease(Duration lease) {
            return this;
        }

        public Builder inFlight(int inFlight) {
            return this;
        }

        public Builder history(Duration history) {
            return this;
        }

        public Builder shutdown(Duration shutdown) {
            return this;
        }

        public Relay build() {
            DataSource source = dataSource;
            if (source == null) {
                throw new BidaException("The relay has no data source.");
            }
            return new Relay(source);
        }
    }
}
