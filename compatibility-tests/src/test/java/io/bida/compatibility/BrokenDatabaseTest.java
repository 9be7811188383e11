package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.Message;
import io.bida.outbox.Outbox;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.testkit.DatabaseServer;
import io.bida.testkit.Durability;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.MariaDbServer;
import io.bida.testkit.MySqlServer;
import io.bida.testkit.PostgreSqlServer;
import io.bida.testkit.TestDatabase;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The relay's connections break under it, or its database ends and comes back. */
@ParameterizedClass
@EnumSource(names = {"MARIADB", "MYSQL", "POSTGRESQL"})
class BrokenDatabaseTest {

    private static final int MESSAGES = 3_000;
    private static final int KEYS = 20;
    private static final int FAULTS = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Store store;
    private final RecordingSender web = new RecordingSender();

    BrokenDatabaseTest(Store store) {
        this.store = store;
    }

    @Test
    void cutConnectionsLoseNothingAndKeepTheOrderOfEachKey() {
        try (Schema schema = new Schema(store)) {
            URI direct = URI.create(schema.database.url().substring("jdbc:".length()));
            try (FaultyProxy network = FaultyProxy.to(direct.getHost(), direct.getPort());
                    HikariDataSource pool = pool(
                            schema.database,
                            schema.database.url().replace(":" + direct.getPort(), ":" + network.port()));
                    Relay relay = relay(pool)) {
                relay.start();
                for (int fault = 0; fault < FAULTS; fault++) {
                    publish(schema.jdbi, fault);
                    awaitArrivals(fault * MESSAGES / FAULTS + 1);
                    network.cut();
                }
                judge(schema.jdbi);
            }
        }
    }

    @Test
    void aDatabaseThatIsKilledAndStartedAgainHasLostNothing() {
        try (DatabaseServer server = server();
                TestDatabase database = server.freshDatabase();
                HikariDataSource pool = pool(database, database.url());
                Relay relay = relay(pool)) {
            Jdbi jdbi = Jdbi.create(database::connect);
            relay.start();
            for (int fault = 0; fault < FAULTS; fault++) {
                publish(jdbi, fault);
                awaitArrivals(fault * MESSAGES / FAULTS + 1);
                if (fault % 5 == 2) {
                    server.kill();
                    await().atMost(PATIENCE).until(() -> !relay.isReady());
                    server.restart();
                }
            }
            judge(jdbi);
            assertThat(relay.isLive()).isTrue();
        }
    }

    private void awaitArrivals(int messages) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> web.sent.size() >= messages);
    }

    private void judge(Jdbi jdbi) {
        await().atMost(PATIENCE).until(() -> undelivered(jdbi) == 0);
        Map<String, List<Integer>> firstArrivals = new HashMap<>();
        for (Message message : web.sent) {
            List<Integer> ofKey =
                    firstArrivals.computeIfAbsent(String.valueOf(message.orderingKey()), key -> new ArrayList<>());
            int number = Integer.parseInt(message.bizId().value());
            if (!ofKey.contains(number)) {
                ofKey.add(number);
            }
        }
        assertThat(firstArrivals).hasSize(KEYS);
        firstArrivals.forEach((key, numbers) ->
                assertThat(numbers).as(key).hasSize(MESSAGES / KEYS).isSorted());
    }

    private static int undelivered(Jdbi jdbi) {
        String sql = "SELECT (SELECT COUNT(*) FROM bida_outbox) + (SELECT COUNT(*) FROM bida_outbox_parked)";
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Integer.class).one());
    }

    private void publish(Jdbi jdbi, int part) {
        Outbox outbox = Outbox.create();
        int size = MESSAGES / FAULTS;
        jdbi.useTransaction(handle -> outbox.publish(
                handle,
                IntStream.range(part * size, (part + 1) * size)
                        .mapToObj(n -> Schema.message(String.valueOf(n), "key-" + n % KEYS))
                        .toList()));
    }

    private Relay relay(HikariDataSource pool) {
        return Relay.builder()
                .name("test-relay")
                .dataSource(pool)
                .lease(Duration.ofSeconds(2))
                .batch(50)
                .sender("web", web)
                .route(new Route("**", "web"))
                .build();
    }

    private static HikariDataSource pool(TestDatabase database, String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(database.user());
        pool.setPassword(database.password());
        pool.setConnectionTimeout(2_000);
        return pool;
    }

    private DatabaseServer server() {
        return switch (store) {
            case MARIADB -> MariaDbServer.start(Durability.DURABLE);
            case MYSQL -> MySqlServer.start(Durability.DURABLE);
            default -> PostgreSqlServer.start(Durability.DURABLE);
        };
    }
}
