package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The relays of an order, in this process, and the sinks they deliver to. */
final class Relays implements AutoCloseable {

    private static final int CONNECTIONS_EACH = 8;
    private static final Duration READY = Duration.ofSeconds(60);

    private final Arrivals arrivals;
    private final HikariDataSource pool = new HikariDataSource();
    private final List<Sender> sinks = new ArrayList<>();
    private final List<Relay> relays = new ArrayList<>();

    Relays(RelayOrder order) {
        arrivals = new Arrivals(order.sinks().keySet(), order.recorded());
        pool.setJdbcUrl(order.url());
        pool.setUsername(order.user());
        pool.setPassword(order.password());
        pool.setMaximumPoolSize(CONNECTIONS_EACH * order.relays() + 1);
        for (int i = 0; i < order.relays(); i++) {
            relays.add(relay(order));
        }
    }

    private Relay relay(RelayOrder order) {
        Relay.Builder relay = Relay.builder().name("bench-relay").dataSource(pool);
        order.sinks().forEach((name, behaviour) -> {
            Sender sink = order.carrier().isEmpty()
                    ? new Sink(name, behaviour, arrivals)
                    : new Carrier(name, order.carrier(), arrivals);
            sinks.add(sink);
            relay.sender(name, sink).route(new Route(name + ".**", name));
        });
        if (order.history()) {
            relay.history(Duration.ofHours(24));
        }
        return relay.build();
    }

    /** Returns when all are ready, which may be after the first messages were sent. */
    void start() throws Exception {
        relays.forEach(Relay::start);
        if (!Patience.until(() -> relays.stream().allMatch(Relay::isReady), READY)) {
            throw new IllegalStateException("the relay was not ready within " + READY.toSeconds() + " s");
        }
    }

    void wake() {
        relays.forEach(Relay::wake);
    }

    void awaitSent(long messages) throws Exception {
        Patience.until("sending", () -> arrivals.count() >= messages, arrivals::count);
    }

    /** Answers when, in microseconds, so many were sent and none was left in a span of the outbox. */
    long awaitSettled(long messages, long after, long upTo) throws Exception {
        awaitSent(messages);
        Patience.until("settling", () -> isEmpty(after, upTo), arrivals::count);
        return Clock.micros();
    }

    private boolean isEmpty(long after, long upTo) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT 1 FROM bida_outbox WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1")) {
            statement.setLong(1, after);
            statement.setLong(2, upTo);
            try (ResultSet row = statement.executeQuery()) {
                return !row.next();
            }
        }
    }

    RelayReport report() {
        return new RelayReport(arrivals.count(), arrivals.firstAt(), Heap.peak(), arrivals.times());
    }

    @Override
    public void close() {
        sinks.forEach(Sender::close);
        relays.forEach(Relay::close);
        pool.close();
    }
}
