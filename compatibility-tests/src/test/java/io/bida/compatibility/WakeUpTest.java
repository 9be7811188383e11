package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.outbox.Outbox;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.transport.Receipt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/** A relay that has slept for long hears of a commit sooner than it would look by itself, which is every half second. */
@ParameterizedClass
@EnumSource
class WakeUpTest {

    private static final int ROUNDS = 3;

    private final RecordingSender web = new RecordingSender();
    private final Store store;
    private final Schema schema;
    private final Relay relay;

    WakeUpTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        relay = Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .sender("web", web)
                .route(new Route("**", "web"))
                .build();
        relay.start();
        await().until(relay::isReady);
    }

    @AfterEach
    void close() {
        relay.close();
        schema.close();
    }

    @Test
    void ofACommitOfAHandleInItsProcess() throws Exception {
        Outbox outbox = Outbox.builder().onPublish(relay::wake).build();
        assertHeard(bizId -> schema.jdbi.useTransaction(tx -> outbox.publish(tx, Schema.message(bizId, null))));
    }

    /** The publishing is known before the commit, which comes soon. */
    @Test
    void ofACommitOfAConnectionInItsProcess() throws Exception {
        Outbox outbox = Outbox.builder().onPublish(relay::wake).build();
        assertHeard(bizId -> {
            try (Connection connection = schema.dataSource.getConnection()) {
                connection.setAutoCommit(false);
                outbox.publish(connection, Schema.message(bizId, null));
                connection.commit();
                connection.setAutoCommit(true);
            }
        });
    }

    @Test
    void onPostgreSqlOfAnyCommit() throws Exception {
        if (store == Store.POSTGRESQL) {
            assertHeard(bizId -> schema.insert("t", bizId, null, null));
        }
    }

    /** They notify nobody: that would take a lock of the whole server at each commit. */
    @Test
    void onPostgreSqlInsertsNotifyWhileNoRelaySleeps() throws Exception {
        if (store != Store.POSTGRESQL) {
            return;
        }
        relay.close();
        try (Connection listening = schema.database.connect();
                Statement statement = listening.createStatement()) {
            statement.execute("LISTEN bida_outbox");
            schema.insert("t", "unheard", null, null);
            assertThat(notifications(listening)).isZero();
            statement.execute("SELECT pg_advisory_lock(1651074145, 1)");
            schema.insert("t", "heard", null, null);
            assertThat(notifications(listening)).isEqualTo(1);
        }
    }

    private static int notifications(Connection listening) throws SQLException {
        var notifications = listening.unwrap(PGConnection.class).getNotifications(200);
        return notifications == null ? 0 : notifications.length;
    }

    private interface Publishing {
        void publish(String bizId) throws SQLException;
    }

    /** Half a second is the longest that looking takes; one of the rounds may have been looked at by chance. */
    private void assertHeard(Publishing publishing) throws Exception {
        List<Long> millis = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            CountDownLatch sent = new CountDownLatch(1);
            web.answering(message -> {
                sent.countDown();
                return new Receipt.Accepted("ok");
            });
            publishing.publish("order-" + round);
            long begin = System.nanoTime();
            assertThat(sent.await(10, TimeUnit.SECONDS)).isTrue();
            millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        }
        assertThat(millis.stream().sorted().toList().get(ROUNDS / 2))
                .as("%s ms", millis)
                .isLessThan(100);
    }
}
