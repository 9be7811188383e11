package io.bida.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.outbox.Outbox;
import io.bida.testkit.Databases;
import io.bida.testkit.TestDatabase;
import io.bida.transport.Redelivery;
import io.bida.transport.contract.Carrier.Order;
import io.bida.transport.contract.Carrier.Receiving;
import io.bida.transport.contract.Carrier.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole road: outbox, relay, broker, receiver, inbox, on MariaDB, while the broker is ended once and started again, and
 * the relay is killed once. {@code -Dbida.road.messages=100000} makes it as long as the promise.
 */
@Timeout(600)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class RoadContract {

    private static final int MESSAGES = Integer.getInteger("bida.road.messages", 3_000);
    private static final int KEYS = 100;
    private static final int ROWS = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(8);

    private final Carrier carrier;
    private final TestDatabase database = Databases.MARIADB.fresh();
    private final HikariDataSource pool = pool(database);
    private final Jdbi jdbi = Jdbi.create(pool);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("");

    /** @param carrier is closed after the test */
    protected RoadContract(Carrier carrier) {
        this.carrier = carrier;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        carrier.close();
        pool.close();
        database.close();
    }

    @Test
    void noneIsLostAndNoneTakesEffectTwiceAndEachKeyKeepsItsOrder() {
        jdbi.useHandle(handle -> handle.execute("CREATE TABLE effect (number BIGINT AUTO_INCREMENT PRIMARY KEY,"
                + " biz_id VARCHAR(128) NOT NULL, ordering_key VARCHAR(128) NOT NULL)"));
        long begin = System.nanoTime();
        String channel = carrier.newChannel();
        Receiving receiving = carrier.receive(new Order(
                Way.STRAIGHT,
                channel,
                "stock",
                Inbox.forGroup("stock").on(pool).build().intake(RoadContract::effect),
                delivery -> {
                    throw new RefusedException("It is no event.");
                },
                Redelivery.DEFAULT,
                500));
        opened.add(receiving.receiver());
        RelayProcess first = relay(channel);
        CompletableFuture<Void> published = CompletableFuture.runAsync(this::publish);

        awaitEffects(MESSAGES / 4, first, published);
        carrier.restartBroker();
        awaitEffects(MESSAGES / 2, first, published);
        first.kill();
        RelayProcess second = relay(channel);
        published.join();

        awaitEffects(MESSAGES, second, published);
        await().atMost(PATIENCE).until(() -> count("SELECT COUNT(*) FROM bida_outbox") == 0);
        await().atMost(PATIENCE).until(() -> count("SELECT COUNT(*) FROM bida_outbox_parked") == 0);
        long distinct = count("SELECT COUNT(DISTINCT biz_id) FROM effect");
        long effects = count("SELECT COUNT(*) FROM effect");
        long disorder = disorder();
        System.out.printf(
                "%s: %,d messages of %d keys; the broker ended once, the relay killed once: lost %d, effects twice %d, out"
                        + " of order %d; %.0f s%n",
                carrier.type(),
                MESSAGES,
                KEYS,
                MESSAGES - distinct,
                effects - distinct,
                disorder,
                (System.nanoTime() - begin) / 1e9);
        assertThat(distinct).isEqualTo(MESSAGES);
        assertThat(effects).isEqualTo(MESSAGES);
        assertThat(disorder).isZero();
    }

    private RelayProcess relay(String channel) {
        RelayProcess relay =
                RelayProcess.start(folder, database, carrier.type(), carrier.settings(Way.STRAIGHT, channel));
        opened.add(relay);
        return relay;
    }

    private void publish() {
        Outbox outbox = Outbox.create();
        for (int first = 0; first < MESSAGES; first += ROWS) {
            List<Message> messages = new ArrayList<>();
            for (int i = first; i < Math.min(first + ROWS, MESSAGES); i++) {
                messages.add(Message.to("orders.placed")
                        .type("OrderPlaced")
                        .bizId(String.valueOf(i))
                        .orderingKey("key-" + i % KEYS)
                        .payload("{\"order\":" + i + "}")
                        .build());
            }
            // Jdbi takes a connection without auto-commit for one whose transaction somebody else will end.
            jdbi.useHandle(handle -> {
                outbox.publish(handle, messages);
                handle.commit();
            });
        }
    }

    private static void effect(Handle tx, Message message) {
        tx.execute(
                "INSERT INTO effect (biz_id, ordering_key) VALUES (?, ?)",
                message.bizId().value(),
                message.orderingKey());
    }

    private void awaitEffects(int enough, RelayProcess relay, CompletableFuture<Void> published) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            assertThat(relay.isAlive()).as("the relay's process runs").isTrue();
            assertThat(published).isNotCompletedExceptionally();
            return count("SELECT COUNT(*) FROM effect") >= enough;
        });
    }

    /** Effects that are followed by one of the same key which was published earlier. */
    private long disorder() {
        return count("SELECT COUNT(*) FROM (SELECT CAST(biz_id AS UNSIGNED) AS n, LAG(CAST(biz_id AS UNSIGNED)) OVER"
                + " (PARTITION BY ordering_key ORDER BY number) AS before_it FROM effect) AS e WHERE before_it > n");
    }

    private long count(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private static HikariDataSource pool(TestDatabase database) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(16);
        config.setAutoCommit(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        return new HikariDataSource(config);
    }
}
