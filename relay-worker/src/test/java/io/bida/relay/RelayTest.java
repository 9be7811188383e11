package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.outbox.Outbox;
import io.bida.sql.Dialect;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {

    private final JdbcConnectionPool dataSource =
            JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=MySQL;DB_CLOSE_DELAY=-1", "sa", "");
    private final Jdbi jdbi = Jdbi.create(dataSource);
    private final Outbox outbox = Outbox.create();
    private final RecordingSender web = new RecordingSender();
    private final List<Relay> relays = new ArrayList<>();

    @BeforeEach
    void migrate() {
        dataSource.setMaxConnections(30);
        jdbi.useHandle(
                handle -> handle.createScript(Dialect.named("h2").schema()).execute());
    }

    @AfterEach
    void stop() {
        relays.forEach(Relay::close);
        dataSource.dispose();
    }

    @Test
    void aCommittedMessageIsDeliveredAndItsRowIsGone() {
        publish("order-1", null);
        start(relay());

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("order-1"));
        await().untilAsserted(() -> assertThat(count("bida_outbox")).isZero());
        assertThat(web.sent.get(0).source()).isEqualTo("test-relay");
    }

    @Test
    void aRolledBackMessageIsNeverDelivered() {
        start(relay());
        jdbi.useHandle(handle -> {
            handle.begin();
            outbox.publish(handle, message("rolled-back", null));
            handle.rollback();
        });
        publish("committed", null);

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("committed"));
    }

    @Test
    void aFailedMessageIsSentAgainWithTheSameIdUntilItIsTaken() {
        AtomicInteger attempts = new AtomicInteger();
        web.answering(
                m -> attempts.incrementAndGet() < 3 ? new Receipt.Failed("busy") : new Receipt.Accepted("at last"));
        publish("order-1", null);
        start(relay());

        await().untilAsserted(() -> assertThat(web.sent).hasSize(3));
        assertThat(web.sent.stream().map(Message::id).distinct()).hasSize(1);
        await().untilAsserted(() -> assertThat(count("bida_outbox_parked")).isZero());
        assertThat(count("bida_attempt")).isEqualTo(2);
    }

    @Test
    void aMessageIsDeadAfterItsLastAttempt() {
        web.answering(m -> new Receipt.Failed("never today"));
        publish("order-1", null);
        start(relay().retry(new RetryPolicy(Duration.ofMillis(10), 1, Duration.ofMillis(10), 0, 3)));

        await().untilAsserted(
                        () -> assertThat(dead()).containsExactly("Given up after 3 attempts; the last: never today"));
        assertThat(web.sent).hasSize(3);
    }

    @Test
    void whatFollowsAFailedMessageOfAKeyWaitsForItAndOtherKeysDoNot() {
        CompletableFuture<Boolean> opened = new CompletableFuture<>();
        web.answering(m -> m.bizId().value().equals("a-1") && !opened.isDone()
                ? new Receipt.Failed("closed")
                : new Receipt.Accepted("ok"));
        for (int i = 1; i <= 5; i++) {
            publish("a-" + i, "a");
            publish("b-" + i, "b");
        }
        start(relay());

        await().untilAsserted(() -> assertThat(delivered("b-")).containsExactly("b-1", "b-2", "b-3", "b-4", "b-5"));
        assertThat(delivered("a-")).containsOnly("a-1");
        publish("a-6", "a");
        opened.complete(true);

        await().untilAsserted(() -> assertThat(delivered("a-")).contains("a-6"));
        assertThat(delivered("a-").stream().distinct()).containsExactly("a-1", "a-2", "a-3", "a-4", "a-5", "a-6");
        await().untilAsserted(() -> assertThat(count("bida_outbox_parked")).isZero());
    }

    @Test
    void aDeadMessageLetsItsKeyGoOnUnlessTheRouteHoldsIt() {
        web.answering(
                m -> m.bizId().value().endsWith("-1") ? new Receipt.Rejected("malformed") : new Receipt.Accepted("ok"));
        publish("orders", "skip-1", "skip");
        publish("orders", "skip-2", "skip");
        publish("billing", "hold-1", "hold");
        publish("billing", "hold-2", "hold");
        start(Relay.builder()
                .name("test-relay")
                .dataSource(dataSource)
                .sender("web", web)
                .route(new Route("billing", "web", true))
                .route(new Route("**", "web")));

        await().untilAsserted(() -> assertThat(web.bizIds()).contains("skip-2"));
        await().untilAsserted(() -> assertThat(states()).containsExactly("DEAD hold-1", "DEAD skip-1", "HELD hold-2"));
        assertThat(web.bizIds()).doesNotContain("hold-2");
    }

    @Test
    void theKeysHeldByAnEarlierRunAreHeldByTheNext() {
        web.answering(m -> m.bizId().value().equals("a-1") ? new Receipt.Failed("closed") : new Receipt.Accepted("ok"));
        publish("a-1", "a");
        publish("a-2", "a");
        Relay first = start(relay().retry(new RetryPolicy(Duration.ofHours(1), 1, Duration.ofHours(1), 0, 3)));
        await().untilAsserted(() -> assertThat(states()).containsExactly("HELD a-2", "RETRY a-1"));
        first.close();
        publish("a-3", "a");

        start(relay());
        publish("b-1", "b");
        await().untilAsserted(() -> assertThat(web.bizIds()).contains("b-1"));
        await().untilAsserted(() -> assertThat(states()).containsExactly("HELD a-2", "HELD a-3", "RETRY a-1"));
        assertThat(web.bizIds()).doesNotContain("a-2", "a-3");
    }

    @Test
    void poisonWrittenByStrangersEndsDeadWithItsReasonAndBlocksNobody() {
        jdbi.useHandle(handle -> {
            handle.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload, headers)"
                    + " VALUES ('t', 'T', 'no-json', X'00', 'nonsense')");
            handle.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload, expires_at)"
                    + " VALUES ('t', 'T', 'expired', X'00', TIMESTAMP '2020-01-01 00:00:00')");
            handle.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload)"
                    + " VALUES ('nowhere', 'T', 'no-route', X'00')");
            handle.execute(
                    "INSERT INTO bida_outbox (topic, type, biz_id, payload)" + " VALUES ('t', 'T', 'good', X'00')");
        });
        start(Relay.builder()
                .name("test-relay")
                .dataSource(dataSource)
                .sender("web", web)
                .route(new Route("t", "web")));

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("good"));
        await().untilAsserted(() -> assertThat(dead())
                .containsExactlyInAnyOrder(
                        "The headers are no JSON object of strings: they cannot be read as JSON.",
                        "Expired before it could be delivered.",
                        "No route takes the topic 'nowhere'; add one to the configuration and retry the message."));
    }

    @Test
    void aMessageForLaterIsScheduledAndComesWhenItIsDue() {
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO bida_outbox (topic, type, biz_id, payload, due_at) VALUES ('t', 'T', 'later', X'00', "
                        + Dialect.named("h2").nowPlus("1500000") + ")"));
        start(relay());

        await().untilAsserted(() -> assertThat(states()).containsExactly("SCHEDULED later"));
        assertThat(web.sent).isEmpty();
        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("later"));
    }

    @Test
    void twoRelaysShareTheShardsAndEachMessageIsSentOnce() {
        start(relay());
        start(relay());
        await().untilAsserted(() -> assertThat(owners()).containsExactly(32, 32));
        for (int i = 0; i < 200; i++) {
            publish("order-" + i, i % 2 == 0 ? null : "key-" + i % 10);
        }

        await().untilAsserted(() -> assertThat(count("bida_outbox")).isZero());
        assertThat(web.bizIds()).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void closingGivesTheLeasesBackAndKeepsWhatWasNotSent() {
        Relay relay = start(relay());
        await().untilAsserted(() -> assertThat(owners()).containsExactly(64));
        relay.close();

        assertThat(owners()).isEmpty();
        publish("order-1", null);
        assertThat(count("bida_outbox")).isEqualTo(1);
        assertThat(relay.isLive()).isFalse();
    }

    @Test
    void aDatabaseWithoutTheTablesIsRefusedWithTheRemedy() {
        jdbi.useHandle(handle -> handle.execute("DROP TABLE bida_lease"));
        assertThatThrownBy(() -> relay().build().start())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("./bida migrate");
    }

    private Relay.Builder relay() {
        return Relay.builder()
                .name("test-relay")
                .dataSource(dataSource)
                .lease(Duration.ofSeconds(2))
                .retry(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0, 100))
                .sender("web", web)
                .route(new Route("**", "web"));
    }

    private Relay start(Relay.Builder builder) {
        Relay relay = builder.build();
        relays.add(relay);
        relay.start();
        return relay;
    }

    private void publish(String bizId, @Nullable String key) {
        publish("orders.placed", bizId, key);
    }

    private void publish(String topic, String bizId, @Nullable String key) {
        jdbi.useTransaction(handle -> outbox.publish(handle, message(topic, bizId, key)));
    }

    private static Message message(String bizId, @Nullable String key) {
        return message("orders.placed", bizId, key);
    }

    private static Message message(String topic, String bizId, @Nullable String key) {
        return Message.to(topic)
                .type("OrderPlaced")
                .bizId(bizId)
                .orderingKey(key)
                .payload("{}")
                .build();
    }

    private List<String> delivered(String prefix) {
        return web.bizIds().stream().filter(id -> id.startsWith(prefix)).toList();
    }

    private int count(String table) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM " + table)
                .mapTo(Integer.class)
                .one());
    }

    private List<String> dead() {
        return strings("SELECT last_error FROM bida_outbox_parked WHERE state = 'DEAD'");
    }

    private List<String> states() {
        return strings("SELECT state || ' ' || biz_id FROM bida_outbox_parked ORDER BY 1");
    }

    private List<String> strings(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    private List<Integer> owners() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT COUNT(*) FROM bida_lease WHERE owner IS NOT NULL GROUP BY owner ORDER BY 1")
                .mapTo(Integer.class)
                .list());
    }
}
