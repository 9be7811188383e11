package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.outbox.Outbox;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.transport.Receipt;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a relay promises, on every database. */
@ParameterizedClass
@EnumSource
class RelayContractTest {

    private final Outbox outbox = Outbox.create();
    private final RecordingSender web = new RecordingSender();
    private final List<Relay> relays = new ArrayList<>();
    private final Schema schema;

    RelayContractTest(Store store) {
        schema = new Schema(store);
    }

    @AfterEach
    void close() {
        relays.forEach(Relay::close);
        schema.close();
    }

    @Test
    void aCommittedMessageIsDeliveredAndItsRowIsGone() {
        publish("order-1", null);
        start(relay());

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("order-1"));
        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        assertThat(web.sent.get(0).source()).isEqualTo("test-relay");
    }

    @Test
    void aRolledBackMessageIsNeverDelivered() {
        start(relay());
        schema.jdbi.useHandle(handle -> {
            handle.begin();
            outbox.publish(handle, Schema.message("rolled-back", null));
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
        await().untilAsserted(
                        () -> assertThat(schema.count("bida_outbox_parked")).isZero());
        assertThat(schema.count("bida_attempt")).isEqualTo(2);
    }

    @Test
    void aMessageIsDeadAfterItsLastAttempt() {
        web.answering(m -> new Receipt.Failed("never today"));
        publish("order-1", null);
        start(relay().retry(new RetryPolicy(Duration.ofMillis(10), 1, Duration.ofMillis(10), 0, 3)));

        await().untilAsserted(() ->
                assertThat(schema.deadReasons()).containsExactly("Given up after 3 attempts; the last: never today"));
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
        await().untilAsserted(
                        () -> assertThat(schema.count("bida_outbox_parked")).isZero());
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
                .dataSource(schema.dataSource)
                .sender("web", web)
                .route(new Route("billing", "web").holdingOnDead())
                .route(new Route("**", "web")));

        await().untilAsserted(() -> assertThat(web.bizIds()).contains("skip-2"));
        await().untilAsserted(
                        () -> assertThat(schema.parked()).containsExactly("DEAD hold-1", "DEAD skip-1", "HELD hold-2"));
        assertThat(web.bizIds()).doesNotContain("hold-2");
    }

    @Test
    void theKeysHeldByAnEarlierRunAreHeldByTheNext() {
        web.answering(m -> m.bizId().value().equals("a-1") ? new Receipt.Failed("closed") : new Receipt.Accepted("ok"));
        publish("a-1", "a");
        publish("a-2", "a");
        Relay first = start(relay().retry(new RetryPolicy(Duration.ofHours(1), 1, Duration.ofHours(1), 0, 3)));
        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("HELD a-2", "RETRY a-1"));
        first.close();
        publish("a-3", "a");

        start(relay());
        publish("b-1", "b");
        await().untilAsserted(() -> assertThat(web.bizIds()).contains("b-1"));
        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("HELD a-2", "HELD a-3", "RETRY a-1"));
        assertThat(web.bizIds()).doesNotContain("a-2", "a-3");
    }

    @Test
    void poisonWrittenByStrangersEndsDeadWithItsReasonAndBlocksNobody() {
        schema.insert("t", "no-json", "headers", "'nonsense'");
        schema.insert("t", "expired", "expires_at", "TIMESTAMP '2020-01-01 00:00:00'");
        schema.insert("nowhere", "no-route", null, null);
        schema.insert("t", "good", null, null);
        start(Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .sender("web", web)
                .route(new Route("t", "web")));

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("good"));
        await().untilAsserted(() -> assertThat(schema.deadReasons())
                .containsExactlyInAnyOrder(
                        "The headers are no JSON object of strings: they cannot be read as JSON.",
                        "Expired before it could be delivered.",
                        "No route takes the topic 'nowhere'; add one to the configuration and retry the message."));
    }

    @Test
    void aMessageForLaterIsScheduledAndComesWhenItIsDue() {
        start(relay());
        await().until(() -> relays.get(0).isReady());
        schema.insert("t", "later", "due_at", schema.database.dialect().nowPlus("2500000"));

        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("SCHEDULED later"));
        assertThat(web.sent).isEmpty();
        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("later"));
    }

    /** They stay in the table, due, until they are written; a read brought as many of them as it takes, again and again. */
    @Test
    void dueMessagesThatADestinationSitsOnHideNoOthers() {
        RecordingSender silent = new RecordingSender();
        silent.answer = message -> new CompletableFuture<>();
        start(relay(new Route("silent", "silent"), new Route("**", "web"))
                .batch(20)
                .shutdown(Duration.ofMillis(1))
                .sender("silent", silent));
        await().until(() -> relays.get(0).isReady());
        for (int i = 0; i < 50; i++) {
            schema.insert(
                    "silent", "before-" + i, "due_at", schema.database.dialect().nowPlus("2000000"));
        }
        schema.insert("t", "after", "due_at", schema.database.dialect().nowPlus("2000000"));

        await().untilAsserted(() -> assertThat(silent.sent).hasSize(50));
        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("after"));
    }

    @Test
    void twoRelaysShareTheShardsAndEachMessageIsSentOnce() {
        start(relay());
        start(relay());
        await().untilAsserted(() -> assertThat(schema.shares()).containsExactly(32, 32));
        for (int i = 0; i < 200; i++) {
            publish("order-" + i, i % 2 == 0 ? null : "key-" + i % 10);
        }

        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        assertThat(web.bizIds()).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void closingGivesTheLeasesBackAndKeepsWhatWasNotSent() {
        Relay relay = start(relay());
        await().untilAsserted(() -> assertThat(schema.shares()).containsExactly(64));
        relay.close();

        assertThat(schema.shares()).isEmpty();
        publish("order-1", null);
        assertThat(schema.count("bida_outbox")).isEqualTo(1);
        assertThat(relay.isLive()).isFalse();
    }

    @Test
    void aRowThatCommitsAfterItsSuccessorsIsDeliveredToo() throws Exception {
        start(relay());
        try (Connection slow = schema.dataSource.getConnection()) {
            slow.setAutoCommit(false);
            outbox.publish(slow, Schema.message("slow", null));
            publish("quick", null);
            await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("quick"));
            // Longer than the watermark trails what it has read.
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            slow.commit();
        }
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(web.bizIds()).containsExactly("quick", "slow"));
    }

    @Test
    void anOpenInsertOfABusinessTransactionBlocksNoSettlement() throws Exception {
        start(relay());
        try (Connection open = schema.dataSource.getConnection()) {
            open.setAutoCommit(false);
            outbox.publish(open, Schema.message("open", null));
            for (int i = 0; i < 20; i++) {
                publish("order-" + i, null);
            }
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
            open.rollback();
        }
        assertThat(web.bizIds()).hasSize(20).doesNotContain("open");
    }

    @Test
    void theFirstArrivalsOfAKeyKeepTheirOrderWhileOneInFiveAttemptsFails() {
        AtomicInteger attempts = new AtomicInteger();
        Set<String> taken = ConcurrentHashMap.newKeySet();
        List<String> arrivals = new CopyOnWriteArrayList<>();
        web.answering(m -> {
            int attempt = attempts.incrementAndGet();
            if (attempt % 5 == 0) {
                return new Receipt.Failed("busy");
            }
            if (taken.add(m.bizId().value())) {
                arrivals.add(m.bizId().value());
            }
            return attempt % 7 == 0 ? new Receipt.Unknown("answer lost") : new Receipt.Accepted("ok");
        });
        start(relay());
        start(relay());
        for (int i = 100; i < 200; i++) {
            for (int key = 0; key < 4; key++) {
                publish(key + "-" + i, "key-" + key);
            }
        }
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(schema.count("bida_outbox") + schema.count("bida_outbox_parked"))
                        .isZero());
        assertThat(arrivals).hasSize(400);
        for (int key = 0; key < 4; key++) {
            String prefix = key + "-";
            assertThat(arrivals.stream().filter(id -> id.startsWith(prefix))).isSorted();
        }
    }

    @Test
    void historyRemembersWhatWasDelivered() {
        publish("order-1", "key");
        start(relay().history(Duration.ofHours(1)));

        await().untilAsserted(() -> assertThat(schema.strings(
                        "SELECT CONCAT(scene, ' ', biz_id, ' ', ordering_key, ' ', proof) FROM bida_outbox_history"))
                .containsExactly("OrderPlaced order-1 key recorded"));
        assertThat(schema.count("bida_outbox")).isZero();
    }

    /** A producer made the ids, and none too well. */
    @Test
    void twoMessagesOfOneIdAreBothDeliveredAndRememberedOnce() {
        String id = schema.database.dialect().literal(MessageId.next());
        schema.jdbi.useTransaction(handle -> {
            for (String bizId : List.of("one", "two")) {
                handle.execute("INSERT INTO bida_outbox (message_id, topic, type, biz_id, payload) VALUES (" + id
                        + ", 't', 'T', '" + bizId + "', '')");
            }
        });
        start(relay().history(Duration.ofHours(1)));

        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        assertThat(web.bizIds()).containsExactlyInAnyOrder("one", "two");
        assertThat(schema.count("bida_outbox_history")).isBetween(1, 2);
    }

    @Test
    void twoMessagesOfOneIdThatFailTogetherAreBothKept() {
        String id = schema.database.dialect().literal(MessageId.next());
        web.answering(m -> new Receipt.Rejected("no"));
        schema.jdbi.useTransaction(handle -> {
            for (String bizId : List.of("one", "two")) {
                handle.execute("INSERT INTO bida_outbox (message_id, topic, type, biz_id, payload) VALUES (" + id
                        + ", 't', 'T', '" + bizId + "', '')");
            }
        });
        start(relay());

        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("DEAD one", "DEAD two"));
        assertThat(schema.count("bida_attempt")).isBetween(1, 2);
    }

    @Test
    void aDatabaseWithoutTheTablesIsRefusedWithTheRemedy() {
        schema.jdbi.useHandle(handle -> handle.execute("DROP TABLE bida_lease"));
        assertThatThrownBy(() -> relay().build().start())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("./bida migrate");
    }

    private Relay.Builder relay() {
        return relay(new Route("**", "web"));
    }

    private Relay.Builder relay(Route... routes) {
        Relay.Builder builder = Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .lease(Duration.ofSeconds(2))
                .retry(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0, 100))
                .sender("web", web);
        List.of(routes).forEach(builder::route);
        return builder;
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
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, Schema.message(topic, bizId, key)));
    }

    private List<String> delivered(String prefix) {
        return web.bizIds().stream().filter(id -> id.startsWith(prefix)).toList();
    }
}
