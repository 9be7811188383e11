package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.testkit.FaultyProxy;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that neither answers nor hangs up, seen through a network that froze. */
@ParameterizedClass
@EnumSource(names = {"MARIADB", "MYSQL", "POSTGRESQL"})
class FrozenDatabaseTest {

    private final Store store;

    FrozenDatabaseTest(Store store) {
        this.store = store;
    }

    @Test
    void aRelayClosesInTimeAlthoughItsDatabaseDoesNotAnswer() {
        closesInTimeWhenFrozen(Duration.ofMillis(500));
    }

    @Test
    void aRelayThatHasHardlyStartedClosesInTimeAlthoughItsDatabaseDoesNotAnswer() {
        closesInTimeWhenFrozen(Duration.ofMillis(1));
    }

    /** @param grain how late it may be seen that the relay is ready, after which its last loops still start */
    private void closesInTimeWhenFrozen(Duration grain) {
        try (Schema schema = new Schema(store)) {
            URI direct = URI.create(schema.database.url().substring("jdbc:".length()));
            try (FaultyProxy network = FaultyProxy.to(direct.getHost(), direct.getPort());
                    HikariDataSource pool = through(network, schema, direct)) {
                Relay relay = Relay.builder()
                        .name("test-relay")
                        .dataSource(pool)
                        .lease(Duration.ofSeconds(1))
                        .shutdown(Duration.ofSeconds(2))
                        .sender("web", new RecordingSender())
                        .route(new Route("**", "web"))
                        .build();
                relay.start();
                await().pollInterval(grain).until(relay::isReady);
                network.freeze();
                await().until(() -> !relay.isReady());

                long start = System.nanoTime();
                relay.close();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
                network.heal();
            }
        }
    }

    private static HikariDataSource through(FaultyProxy network, Schema schema, URI direct) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(schema.database.url().replace(":" + direct.getPort(), ":" + network.port()));
        pool.setUsername(schema.database.user());
        pool.setPassword(schema.database.password());
        return pool;
    }
}
