package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.relay.Relay;
import io.bida.relay.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How relays share the shards, on every database. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class LeaseContractTest {

    private final Schema schema;

    LeaseContractTest(Store store) {
        schema = new Schema(store);
    }

    @AfterEach
    void close() {
        schema.close();
    }

    /** A relay that was paused or cut off while it parked a message still locks the lease that it did it under. */
    @Test
    void aLeaseThatAStuckTransactionLocksIsTakenLaterAndTheOthersAtOnce() throws Exception {
        try (Relay relay = relay();
                Connection stuck = schema.dataSource.getConnection();
                Statement statement = stuck.createStatement()) {
            stuck.setAutoCommit(false);
            statement
                    .executeQuery("SELECT epoch FROM bida_lease WHERE shard = 3 FOR UPDATE")
                    .close();
            relay.start();

            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(schema.shares()).containsExactly(63));
            assertThat(relay.isReady()).isTrue();
            stuck.rollback();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(schema.shares()).containsExactly(64));
        }
    }

    /** On MySQL a relay's renewal waited for the lease that a paused relay had locked, until its own had ended. */
    @Test
    void aLeaseOfAnotherRelayThatIsLockedKeepsNoRelayFromRenewingItsOwn() throws Exception {
        schema.jdbi.useHandle(handle -> handle.execute(
                "UPDATE bida_lease SET owner = 'paused', expires_at = '2099-01-01 00:00:00' WHERE shard < 32"));
        try (Relay relay = relay();
                Connection stuck = schema.dataSource.getConnection();
                Statement statement = stuck.createStatement()) {
            stuck.setAutoCommit(false);
            statement
                    .executeQuery("SELECT epoch FROM bida_lease WHERE shard = 3 FOR UPDATE")
                    .close();
            relay.start();
            await().atMost(Duration.ofSeconds(5)).until(relay::isReady);
            await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(6)).until(relay::isReady);
            stuck.rollback();
        }
    }

    /** On MySQL the lock on the leases of more than a few shards waited for all of the table. */
    @Test
    void aLeaseOfAnotherRelayThatIsLockedKeepsNoFailedMessagesFromBeingWritten() throws Exception {
        schema.jdbi.useHandle(handle -> handle.execute(
                "UPDATE bida_lease SET owner = 'paused', expires_at = '2099-01-01 00:00:00' WHERE shard < 4"));
        try (Relay relay = relay();
                Connection stuck = schema.dataSource.getConnection();
                Statement statement = stuck.createStatement()) {
            stuck.setAutoCommit(false);
            statement
                    .executeQuery("SELECT epoch FROM bida_lease WHERE shard = 3 FOR UPDATE")
                    .close();
            relay.start();
            await().atMost(Duration.ofSeconds(5)).until(relay::isReady);
            for (int i = 0; i < 200; i++) {
                schema.insert(
                        "t", "old-" + i, "expires_at", schema.database.dialect().nowPlus("-1000000"));
            }
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(schema.parked()).hasSizeGreaterThan(150));
            stuck.rollback();
        }
    }

    /** A relay that was paused or cut off between the DELETE of a settlement and its commit still locks the row. */
    @Test
    void aRowThatAStuckTransactionLocksKeepsNoOtherMessageFromBeingSettled() throws Exception {
        insertTwo();
        othersAreShippedWhileOneIsLocked();
    }

    /** It is looked for first when what was under way at a crash is written down, and forgotten. */
    @Test
    void aRowThatAStuckTransactionLocksKeepsNoRelayFromTakingOverWhatItsOwnerLeft() throws Exception {
        insertTwo();
        schema.jdbi.useHandle(handle -> {
            handle.execute("UPDATE bida_lease SET owner = 'paused', expires_at = '2001-01-01 00:00:00'");
            handle.execute(
                    "INSERT INTO bida_suspect (message_id, seq, shard, node, crashes, noted_at)"
                            + " SELECT message_id, seq, shard, 'paused', 0, created_at FROM bida_outbox WHERE biz_id = 'locked'");
        });
        othersAreShippedWhileOneIsLocked();
    }

    private void insertTwo() {
        schema.insert("t", "locked", null, null);
        schema.insert("t", "other", null, null);
    }

    private void othersAreShippedWhileOneIsLocked() throws SQLException {
        try (Relay relay = relay();
                Connection stuck = schema.dataSource.getConnection();
                Statement statement = stuck.createStatement()) {
            stuck.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            stuck.setAutoCommit(false);
            statement.execute("DELETE FROM bida_outbox WHERE biz_id = 'locked'");
            relay.start();

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(schema.strings("SELECT biz_id FROM bida_outbox"))
                            .containsExactly("locked"));
            stuck.rollback();
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        }
    }

    private Relay relay() {
        return Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .lease(Duration.ofSeconds(2))
                .sender("web", new RecordingSender())
                .route(new Route("**", "web"))
                .build();
    }
}
