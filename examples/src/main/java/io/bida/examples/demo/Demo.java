package io.bida.examples.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.console.DatabaseSettings;
import io.bida.console.Migration;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.testkit.MariaDbServer;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The whole road on one machine:
 *
 * <pre>
 * order service ─► orders database ─► relay ─► failing road ─► stock service ─► stock database
 * </pre>
 *
 * The road is HTTP over a failing network, or a broker that is killed.
 */
final class Demo implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration AT_LEAST = Duration.ofSeconds(8);
    private static final Duration AT_MOST_UNTIL_QUIET = Duration.ofSeconds(60);

    private final int messages;
    private final Way way;
    private final Consumer<String> out;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final MariaDbServer server;
    private final OrderService orders;
    private final Weather weather;
    private final DemoReport.Facts facts;

    private Demo(int messages, Way way, Consumer<String> out) {
        this.messages = messages;
        this.way = way;
        this.out = out;
        out.accept("Starting a MariaDB server of its own, with durable settings.");
        server = open(MariaDbServer.start());
        HikariDataSource ordersDatabase = database("orders");
        HikariDataSource stockDatabase = database("stock");
        StockService stock = StockService.start(stockDatabase);
        Road road = open(way.open(stock::receive));
        Sender sender = new RepeatingSender(road.sender());
        Relay relay = open(Relay.builder()
                .name("orders-relay")
                .dataSource(ordersDatabase)
                .sender("road", sender)
                .route(new Route("orders.**", "road"))
                .retry(new RetryPolicy(Duration.ofMillis(100), 2, Duration.ofSeconds(1), 0.2, 1_000))
                .history(Duration.ofHours(1))
                .build());
        relay.start();
        orders = new OrderService(ordersDatabase, relay::wake);
        weather = open(road.weather());
        facts = new DemoReport.Facts(ordersDatabase, stockDatabase);
    }

    static Demo start(int messages, Way way, Consumer<String> out) {
        return new Demo(messages, way, out);
    }

    /** Tries the orders, waits until nothing is on the way any more, and counts. */
    DemoReport run() throws Exception {
        out.accept("Trying " + messages + " orders; every tenth is rolled back; " + way.faults() + ".");
        try (Progress progress = Progress.every(Duration.ofSeconds(1), () -> out.accept(progressLine()))) {
            ExecutorService customers = Executors.newFixedThreadPool(OrderService.CUSTOMERS);
            try {
                Future<?> all = customers.submit(() -> orders.tryAll(messages, AT_LEAST, customers));
                all.get();
            } finally {
                customers.shutdownNow();
            }
            weather.close();
            awaitQuiet();
        }
        return facts.report(orders.tried());
    }

    private void awaitQuiet() throws InterruptedException {
        try {
            // What a broker has taken has left the outbox and is still to arrive.
            Progress.await(AT_MOST_UNTIL_QUIET, () -> facts.waiting() == 0 && facts.effects() >= orders.committed());
        } catch (TimeoutException e) {
            out.accept("Something is still on the way after " + AT_MOST_UNTIL_QUIET.toSeconds() + " s.");
        }
    }

    private String progressLine() {
        return String.format(
                "%,9d committed %,9d rolled back %,9d effects %,7d on the way   %s",
                orders.committed(), orders.rolledBack(), facts.effects(), facts.waiting(), weather.now());
    }

    String whereToLook() {
        return "The databases stay until you press Ctrl-C. Look around with user '" + server.user() + "', password '"
                + server.password() + "':\n  " + server.mysqlJdbcUrl("orders") + "\n  " + server.mysqlJdbcUrl("stock");
    }

    private HikariDataSource database(String name) {
        server.createDatabase(name);
        String url = server.mysqlJdbcUrl(name);
        Migration.run(new DatabaseSettings(url, server.user(), server.password()), PATIENCE, out);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(url);
        config.setUsername(server.user());
        config.setPassword(server.password());
        config.setMaximumPoolSize(24);
        return open(new HikariDataSource(config));
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
