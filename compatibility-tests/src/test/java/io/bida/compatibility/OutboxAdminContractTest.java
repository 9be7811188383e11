package io.bida.compatibility;

import static io.bida.outbox.MessageState.CANCELLED;
import static io.bida.outbox.MessageState.DEAD;
import static io.bida.outbox.MessageState.HELD;
import static io.bida.outbox.MessageState.PENDING;
import static io.bida.outbox.MessageState.RETRY;
import static io.bida.outbox.MessageState.SCHEDULED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import io.bida.message.RefusedException;
import io.bida.outbox.ActionPreview;
import io.bida.outbox.ActionPreview.Group;
import io.bida.outbox.MessageAction;
import io.bida.outbox.MessageFilter;
import io.bida.outbox.MessageFilter.AtLeastAttempts;
import io.bida.outbox.MessageFilter.Biz;
import io.bida.outbox.MessageFilter.Created;
import io.bida.outbox.MessageFilter.InnerId;
import io.bida.outbox.MessageFilter.LastError;
import io.bida.outbox.MessageFilter.OlderThan;
import io.bida.outbox.MessageFilter.OrderingKey;
import io.bida.outbox.MessageFilter.State;
import io.bida.outbox.MessageFilter.Term;
import io.bida.outbox.MessageFilter.Topic;
import io.bida.outbox.MessageFilter.YoungerThan;
import io.bida.outbox.MessagePage;
import io.bida.outbox.MessageState;
import io.bida.outbox.MessageTrace;
import io.bida.outbox.Operator;
import io.bida.outbox.Outbox;
import io.bida.outbox.OutboxAdmin;
import io.bida.outbox.StoredMessage;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator can do, with and without a relay at work, on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class OutboxAdminContractTest {

    private static final Operator ALICE = new Operator("alice", "ticket 7");
    private static final Duration NEVER = Duration.ofDays(365);

    private final Outbox outbox = Outbox.create();
    private final RecordingSender web = new RecordingSender();
    private final List<Relay> relays = new ArrayList<>();
    private final Schema schema;
    private final OutboxAdmin admin;

    OutboxAdminContractTest(Store store) {
        schema = new Schema(store);
        admin = OutboxAdmin.on(schema.dataSource);
    }

    @AfterEach
    void close() {
        relays.forEach(Relay::close);
        schema.close();
    }

    // Looking.

    @Test
    void eachTermOfAFilterIsServed() {
        publish("orders.placed", "p-1", null);
        park("d-1", "k", DEAD, "HTTP 503 Service Unavailable");
        park("d-2", "k", DEAD, "Connection refused");
        park("r-1", null, RETRY, "100% wrong");
        park("s-1", null, SCHEDULED, null);
        publish("billing.eu.paid", "p-2", "k");
        sql("UPDATE bida_outbox_parked SET attempts = 5 WHERE biz_id = 'd-2'");
        sql("UPDATE bida_outbox_parked SET created_at = "
                + schema.database.dialect().nowPlus("-3600000000") + " WHERE biz_id = 'r-1'");
        MessageId id = find(new Biz(null, "d-1")).get(0).id();

        assertThat(found()).containsExactly("p-1", "d-1", "d-2", "r-1", "s-1", "p-2");
        assertThat(found(new InnerId(id))).containsExactly("d-1");
        assertThat(found(new InnerId(find(new Biz(null, "p-2")).get(0).id()))).containsExactly("p-2");
        assertThat(found(new Biz("OrderPlaced", "d-1"))).containsExactly("d-1");
        assertThat(found(new Biz("other", "d-1"))).isEmpty();
        assertThat(found(new OrderingKey("k"))).containsExactly("d-1", "d-2", "p-2");
        assertThat(found(new OrderingKey("k "))).isEmpty();
        assertThat(found(new State(Set.of(DEAD)))).containsExactly("d-1", "d-2");
        assertThat(found(new State(Set.of(DEAD, PENDING)), new OrderingKey("k")))
                .containsExactly("d-1", "d-2", "p-2");
        assertThat(found(new Topic("billing.*.paid"))).containsExactly("p-2");
        assertThat(found(new Topic("billing.*"))).isEmpty();
        assertThat(found(new Topic("billing.**"))).containsExactly("p-2");
        assertThat(found(new Topic("**.paid"))).containsExactly("p-2");
        assertThat(found(new Topic("orders.placed"), new State(Set.of(PENDING))))
                .containsExactly("p-1");
        assertThat(found(new LastError("http 503"))).containsExactly("d-1");
        assertThat(found(new LastError("0% w"))).containsExactly("r-1");
        assertThat(found(new LastError("0_ w"))).isEmpty();
        assertThat(found(new AtLeastAttempts(5))).containsExactly("d-2");
        assertThat(found(new OlderThan(Duration.ofMinutes(10)))).containsExactly("r-1");
        assertThat(found(new YoungerThan(Duration.ofMinutes(10)), new State(Set.of(RETRY, SCHEDULED))))
                .containsExactly("s-1");
        assertThat(found(new Created(null, Instant.now().minus(Duration.ofMinutes(30)))))
                .containsExactly("r-1");
    }

    @Test
    void pagesFollowEachOtherAcrossTablesAndStatesWithoutGapOrRepetition() {
        for (int i = 100; i < 160; i++) {
            if (i % 3 == 0) {
                publish("m-" + i, null);
            } else {
                park("m-" + i, null, i % 3 == 1 ? DEAD : SCHEDULED, null);
            }
        }
        List<String> seen = new ArrayList<>();
        MessageFilter filter = MessageFilter.ALL.and(new State(Set.of(PENDING, DEAD, SCHEDULED)));
        Long after = null;
        do {
            MessagePage page = admin.find(filter, after, 7);
            assertThat(page.messages()).hasSizeLessThanOrEqualTo(7);
            page.messages().forEach(message -> seen.add(message.bizId()));
            after = page.next();
        } while (after != null);

        assertThat(seen).hasSize(60).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aTraceTellsTheWayOfAMessage() {
        web.answering(m -> m.bizId().value().equals("a-1") ? new Receipt.Failed("closed") : new Receipt.Accepted("ok"));
        publish("a-1", "a");
        publish("a-2", "a");
        publish("b-1", null);
        start(relay().retry(new RetryPolicy(NEVER, 1, NEVER, 0, 3)).history(Duration.ofHours(1)));
        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("HELD a-2", "RETRY a-1"));
        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());

        MessageTrace failed = admin.trace(web.sent.get(0).id());
        assertThat(failed.message()).hasValueSatisfying(message -> {
            assertThat(message.state()).isEqualTo(RETRY);
            assertThat(message.lastError()).isEqualTo("closed");
        });
        assertThat(failed.failures()).hasSize(1).first().satisfies(failure -> {
            assertThat(failure.outcome()).isEqualTo("failed");
            assertThat(failure.error()).isEqualTo("closed");
        });
        assertThat(failed.body())
                .hasValueSatisfying(body -> assertThat(body.bytes()).isEqualTo(2));
        assertThat(failed.relay()).isPresent();

        MessageTrace held = admin.trace(find(new Biz(null, "a-2")).get(0).id());
        assertThat(held.blocker())
                .hasValueSatisfying(blocker -> assertThat(blocker.bizId()).isEqualTo("a-1"));

        MessageTrace delivered = admin.trace(web.sent.stream()
                .filter(message -> message.bizId().value().equals("b-1"))
                .findFirst()
                .orElseThrow()
                .id());
        assertThat(delivered.message()).isEmpty();
        assertThat(delivered.delivered())
                .hasValueSatisfying(d -> assertThat(d.proof()).isEqualTo("ok"));
        assertThat(admin.trace(MessageId.next()).isKnown()).isFalse();
    }

    @Test
    void aMessageIsFoundHoweverManyAreBeforeIt() {
        publish("first", null);
        for (int rows = 1; rows < 120_000; rows *= 2) {
            sql("INSERT INTO bida_outbox (topic, type, biz_id, payload) SELECT topic, type, biz_id, payload"
                    + " FROM bida_outbox");
        }
        park("dead", null, DEAD, "broken");
        publish("last", null);
        MessageId dead =
                find(new Biz(null, "dead"), new State(Set.of(DEAD))).get(0).id();
        MessageId last = schema.jdbi.withHandle(
                handle -> handle.createQuery("SELECT message_id FROM bida_outbox ORDER BY seq DESC LIMIT 1")
                        .map((row, context) -> schema.database.dialect().messageId(row, "message_id"))
                        .one());

        assertThat(admin.trace(dead).message())
                .hasValueSatisfying(message -> assertThat(message.state()).isEqualTo(DEAD));
        assertThat(admin.trace(last).message())
                .hasValueSatisfying(message -> assertThat(message.bizId()).isEqualTo("last"));
        MessageTrace unknown = admin.trace(MessageId.next());
        assertThat(unknown.isKnown()).isFalse();
        assertThat(unknown.unseenAfter()).as("all was looked through").isNull();
    }

    /** One in sixteen of those that MySQL makes. */
    @Test
    void aDeliveredMessageIsFoundWhoseIdOnlyLooksAsIfItToldItsTime() {
        MessageId id = MessageId.parse("11f0ca59-6a1e-7b3c-9d64-0242ac120002");
        sql(
                "INSERT INTO bida_outbox_history (message_id, scene, biz_id, topic, created_at, delivered_at, attempts, node) VALUES ("
                        + schema.database.dialect().literal(id) + ", 'T', 'order-1', 't', "
                        + schema.database.dialect().now() + ", "
                        + schema.database.dialect().now() + ", 1, 'n')");

        assertThat(admin.trace(id).delivered())
                .hasValueSatisfying(found -> assertThat(found.bizId()).isEqualTo("order-1"));
    }

    @Test
    void whatIsRevealedIsRecorded() {
        publish("p-1", null);
        MessageId id = find().get(0).id();

        assertThat(admin.reveal(id, ALICE))
                .hasValueSatisfying(
                        content -> assertThat(content.payload().asUtf8()).isEqualTo("{}"));
        assertThat(schema.strings("SELECT CONCAT(actor, ' ', action, ' ', target) FROM bida_audit"))
                .containsExactly("alice reveal id:" + id);
    }

    @Test
    void aPreviewCountsByStateAndTopicAndChangesNothing() {
        park("d-1", "k", DEAD, "broken");
        park("d-2", null, DEAD, "broken");
        park("r-1", null, RETRY, "broken");
        publish("p-1", null);

        ActionPreview preview = admin.preview(MessageAction.RETRY, topic());

        assertThat(preview.groups())
                .isEqualTo(Map.of(new Group(DEAD, "orders.placed"), 2L, new Group(RETRY, "orders.placed"), 1L));
        assertThat(preview.samples()).extracting(StoredMessage::bizId).containsExactly("d-1", "d-2", "r-1");
        assertThat(preview.keyed()).isEqualTo(1);
        assertThat(schema.parked()).containsExactly("DEAD d-1", "DEAD d-2", "RETRY r-1");
        assertThat(schema.count("bida_audit")).isZero();
    }

    // Changing, without a relay.

    @Test
    void retryBeginsANewSeriesOfAttemptsAndTheAuditSaysWhoAndWhy() {
        park("d-1", null, DEAD, "Given up after 16 attempts; the last: closed");
        park("d-2", null, DEAD, "no route");
        sql("UPDATE bida_outbox_parked SET attempts = 16");

        assertThat(admin.retry(state(DEAD), ALICE)).isEqualTo(2);
        assertThat(admin.retry(state(DEAD), ALICE)).isZero();

        assertThat(schema.parked()).containsExactly("RETRY d-1", "RETRY d-2");
        assertThat(schema.strings("SELECT COUNT(*) FROM bida_outbox_parked WHERE attempts = 0 AND due_at <= "
                        + schema.database.dialect().now()))
                .containsExactly("2");
        assertThat(schema.strings(
                        "SELECT CONCAT(actor, '|', action, '|', target, '|', affected, '|', reason) FROM bida_audit"))
                .containsExactly("alice|retry|state:DEAD|2|ticket 7");
    }

    @Test
    void aLargeChangeGoesInBatchesUnderOneAuditEntry() {
        park(520, DEAD);

        assertThat(admin.retry(state(DEAD), ALICE)).isEqualTo(520);
        assertThat(schema.strings("SELECT affected FROM bida_audit")).containsExactly("520");
    }

    @Test
    void aChangeThatIsBrokenOffSaysHowManyItChangedBefore() {
        park("m-450", null, RETRY, null);
        park(520, DEAD);
        sql("CREATE UNIQUE INDEX one_of_each ON bida_outbox_parked (state, biz_id)");

        assertThatThrownBy(() -> admin.retry(state(DEAD), ALICE))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("The tables could not be asked: ")
                .hasMessageEndingWith(
                        " 400 messages were changed before, and stay so; the same again changes what is left."
                                + " bida_audit has their number.");
        assertThat(schema.parked().stream().filter(row -> row.startsWith("DEAD")))
                .hasSize(120);
        assertThat(schema.strings("SELECT affected FROM bida_audit")).containsExactly("400");
    }

    @Test
    void theRetriedOfOneKeyStandBehindEachOther() {
        park("a-1", "a", DEAD, "broken");
        park("a-2", "a", DEAD, "broken");
        park("b-1", "b", DEAD, "broken");
        park("b-2", "b", CANCELLED, null);

        admin.retry(MessageFilter.ALL.and(new State(Set.of(DEAD, CANCELLED))), ALICE);

        assertThat(schema.parked()).containsExactly("HELD a-2", "RETRY a-1", "RETRY b-1", "SCHEDULED b-2");
    }

    @Test
    void aDeadMessageBehindADeadOneLeavesItToTheRouteWhetherItWaits() {
        park("a-1", "a", DEAD, "broken");
        park("a-2", "a", DEAD, "broken");

        admin.retry(MessageFilter.ALL.and(new Biz(null, "a-2")), ALICE);

        assertThat(schema.parked()).containsExactly("DEAD a-1", "SCHEDULED a-2");
    }

    @Test
    void whatIsHeldTakesThePlaceOfACancelledRetryAndIsNotCancelledForIt() {
        park("a-1", "a", RETRY, "broken");
        park("a-2", "a", HELD, null);
        park("a-3", "a", HELD, null);

        assertThat(admin.cancel(state(RETRY), ALICE)).isEqualTo(1);

        assertThat(schema.parked()).containsExactly("CANCELLED a-1", "HELD a-3", "RETRY a-2");
        assertThat(schema.strings("SELECT last_error FROM bida_outbox_parked WHERE biz_id = 'a-1'"))
                .containsExactly("Cancelled by alice: ticket 7");
    }

    @Test
    void aWholeKeyCanBeCancelled() {
        park("a-1", "a", RETRY, "broken");
        park("a-2", "a", HELD, null);
        publish("a-3", "a");

        assertThat(admin.cancel(MessageFilter.ALL.and(new OrderingKey("a")), ALICE))
                .isEqualTo(3);
        assertThat(schema.parked()).containsExactly("CANCELLED a-1", "CANCELLED a-2", "CANCELLED a-3");
        assertThat(schema.count("bida_outbox")).isZero();
    }

    @Test
    void delayKeepsAMessageUntilItsTime() {
        park("s-1", null, SCHEDULED, null);
        park("r-1", null, RETRY, "broken");
        park("d-1", null, DEAD, "broken");

        assertThat(admin.delay(topic(), Duration.ofHours(2), ALICE)).isEqualTo(2);
        assertThat(admin.delay(state(DEAD), Duration.ofHours(2), ALICE)).isEqualTo(1);
        assertThat(schema.parked()).containsExactly("RETRY d-1", "RETRY r-1", "SCHEDULED s-1");
        assertThat(schema.strings("SELECT COUNT(*) FROM bida_outbox_parked WHERE due_at > "
                        + schema.database.dialect().nowPlus("7100000000")))
                .containsExactly("3");
    }

    @Test
    void discardDeletesOnlyWhatIsDeadOrCancelled() {
        park("d-1", null, DEAD, "broken");
        park("c-1", null, CANCELLED, null);
        park("r-1", null, RETRY, "broken");
        publish("p-1", null);

        assertThat(admin.discard(topic(), ALICE)).isEqualTo(2);
        assertThat(schema.parked()).containsExactly("RETRY r-1");
        assertThat(schema.count("bida_outbox")).isEqualTo(1);
        assertThatThrownBy(() -> admin.discard(state(RETRY), ALICE))
                .isInstanceOf(RefusedException.class)
                .hasMessage("What is RETRY cannot be discarded; discard takes DEAD, CANCELLED. Nothing was changed.");
        assertThatThrownBy(() -> admin.discard(MessageFilter.ALL, ALICE)).isInstanceOf(RefusedException.class);
    }

    // Changing, beside a relay.

    @Test
    void aRetriedMessageIsSentByARunningRelayBeforeWhatIsHeldBehindIt() {
        AtomicBoolean broken = new AtomicBoolean(true);
        web.answering(m -> broken.get() && m.bizId().value().equals("a-1")
                ? new Receipt.Rejected("malformed")
                : new Receipt.Accepted("ok"));
        for (int i = 1; i <= 4; i++) {
            publish("a-" + i, "a");
        }
        start(holding());
        await().untilAsserted(() ->
                assertThat(schema.parked()).containsExactly("DEAD a-1", "HELD a-2", "HELD a-3", "HELD a-4"));
        broken.set(false);
        web.sent.clear();

        admin.retry(state(DEAD), ALICE);

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("a-1", "a-2", "a-3", "a-4"));
        await().untilAsserted(
                        () -> assertThat(schema.count("bida_outbox_parked")).isZero());
    }

    @Test
    void whatADeadMessageHeldGoesOnWhenThatIsDiscardedOrCancelled() {
        web.answering(
                m -> m.bizId().value().endsWith("-1") ? new Receipt.Rejected("malformed") : new Receipt.Accepted("ok"));
        publish("a-1", "a");
        publish("a-2", "a");
        publish("b-1", "b");
        publish("b-2", "b");
        start(holding());
        await().untilAsserted(() ->
                assertThat(schema.parked()).containsExactly("DEAD a-1", "DEAD b-1", "HELD a-2", "HELD b-2"));

        admin.discard(MessageFilter.ALL.and(new OrderingKey("a")), ALICE);
        await().untilAsserted(() -> assertThat(web.bizIds()).contains("a-2"));
        assertThat(web.bizIds()).doesNotContain("b-2");
        admin.cancel(state(DEAD), ALICE);
        await().untilAsserted(() -> assertThat(web.bizIds()).contains("b-2"));
        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("CANCELLED b-1"));
    }

    @Test
    void aDeadMessageBehindOneThatHoldsTheKeyDoesNotOvertakeIt() {
        web.answering(
                m -> m.bizId().value().equals("a-1") ? new Receipt.Rejected("malformed") : new Receipt.Accepted("ok"));
        park("a-1", "a", DEAD, "malformed");
        park("a-2", "a", DEAD, "malformed");
        park("a-3", "a", HELD, null);
        publish("a-4", "a");
        start(holding());
        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());

        admin.retry(MessageFilter.ALL.and(new Biz(null, "a-2")), ALICE);
        await().untilAsserted(() ->
                assertThat(schema.parked()).containsExactly("DEAD a-1", "HELD a-2", "HELD a-3", "HELD a-4"));
        assertThat(web.sent).isEmpty();
        admin.discard(state(DEAD), ALICE);
        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("a-2", "a-3", "a-4"));
    }

    @Test
    void nothingIsHeldForeverWhenTheRetriedOneIsCancelledBeforeARelayKnowsIt() {
        park("a-0", "a", DEAD, "skipped");
        start(relay());
        await().until(() -> relays.get(0).isReady());
        park("a-1", "a", RETRY, "broken", NEVER);
        park("a-2", "a", HELD, null);
        park("a-3", "a", HELD, null);

        admin.cancel(state(RETRY), ALICE);

        await().untilAsserted(() -> assertThat(web.bizIds()).containsExactly("a-2", "a-3"));
        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("CANCELLED a-1", "DEAD a-0"));
    }

    @Test
    void aMessageCancelledInFlightIsGoneWhenItWasDeliveredAndStaysCancelledWhenNot() {
        CompletableFuture<Receipt> takenAnswer = new CompletableFuture<>();
        CompletableFuture<Receipt> failedAnswer = new CompletableFuture<>();
        Map<String, CompletableFuture<Receipt>> answers = Map.of("taken", takenAnswer, "failed", failedAnswer);
        CompletableFuture<Receipt> ok = CompletableFuture.completedFuture(new Receipt.Accepted("ok"));
        web.answer = message -> answers.getOrDefault(message.bizId().value(), ok);
        publish("taken", null);
        publish("failed", null);
        start(relay());
        await().untilAsserted(() -> assertThat(web.sent).hasSize(2));

        assertThat(admin.cancel(topic(), ALICE)).isEqualTo(2);
        assertThat(schema.parked()).containsExactly("CANCELLED failed", "CANCELLED taken");
        takenAnswer.complete(new Receipt.Accepted("ok"));
        failedAnswer.complete(new Receipt.Failed("closed"));

        await().untilAsserted(() -> assertThat(schema.parked()).containsExactly("CANCELLED failed"));
        await().untilAsserted(() -> assertThat(schema.count("bida_attempt")).isEqualTo(1));
        publish("next", null);
        await().untilAsserted(() -> assertThat(web.bizIds()).contains("next"));
        assertThat(web.bizIds()).containsExactlyInAnyOrder("taken", "failed", "next");
    }

    /** Each message is in the end sent, or kept where the operator put it; none is lost, no key goes out of order. */
    @Test
    void operatorsAndRelaysAtWorkTogetherLoseNothingAndKeepTheOrderOfKeys() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        Set<String> taken = ConcurrentHashMap.newKeySet();
        List<String> arrivals = new CopyOnWriteArrayList<>();
        web.answer = message -> {
            int attempt = attempts.incrementAndGet();
            Receipt receipt = attempt % 4 == 0 ? new Receipt.Failed("busy") : new Receipt.Accepted("ok");
            if (receipt instanceof Receipt.Accepted && taken.add(message.bizId().value())) {
                arrivals.add(message.bizId().value());
            }
            CompletionStage<Receipt> later =
                    new CompletableFuture<Receipt>().completeOnTimeout(receipt, attempt % 5, TimeUnit.MILLISECONDS);
            return later;
        };
        start(relay());
        start(relay());
        Set<String> all = new HashSet<>();
        AtomicBoolean publishing = new AtomicBoolean(true);
        CompletableFuture<Void> operator = CompletableFuture.runAsync(() -> {
            for (int round = 0; publishing.get(); round++) {
                admin.retry(MessageFilter.ALL.and(new State(Set.of(RETRY))), ALICE);
                admin.cancel(MessageFilter.ALL.and(new OrderingKey("key-" + round % 4)), ALICE);
                admin.cancel(MessageFilter.ALL.and(new Topic("unkeyed")), ALICE);
            }
        });
        for (int i = 100; i < 250; i++) {
            for (int key = 0; key < 4; key++) {
                all.add(key + "-" + i);
                publish(key + "-" + i, "key-" + key);
            }
            all.add("u-" + i);
            publish("unkeyed", "u-" + i, null);
        }
        publishing.set(false);
        operator.get();

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(schema.parked()).allMatch(row -> row.startsWith("CANCELLED")));
        await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        Set<String> accounted = new HashSet<>(taken);
        schema.parked().forEach(row -> accounted.add(row.substring("CANCELLED ".length())));
        assertThat(accounted).isEqualTo(all);
        for (int key = 0; key < 4; key++) {
            String prefix = key + "-";
            assertThat(arrivals.stream().filter(id -> id.startsWith(prefix))).isSorted();
        }

        admin.retry(state(CANCELLED), ALICE);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(schema.count("bida_outbox_parked")).isZero());
        assertThat(taken).isEqualTo(all);
    }

    private Relay.Builder relay() {
        return Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .lease(Duration.ofSeconds(2))
                .retry(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0, 100))
                .sender("web", web)
                .route(new Route("**", "web"));
    }

    private Relay.Builder holding() {
        return Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .lease(Duration.ofSeconds(2))
                .sender("web", web)
                .route(new Route("**", "web").holdingOnDead());
    }

    private void start(Relay.Builder builder) {
        Relay relay = builder.build();
        relays.add(relay);
        relay.start();
    }

    private List<StoredMessage> find(Term... terms) {
        MessageFilter filter = new MessageFilter(Arrays.asList(terms));
        return admin.find(filter, null, 100).messages();
    }

    private List<String> found(Term... terms) {
        return find(terms).stream().map(StoredMessage::bizId).toList();
    }

    private static MessageFilter state(MessageState state) {
        return MessageFilter.ALL.and(new State(Set.of(state)));
    }

    private static MessageFilter topic() {
        return MessageFilter.ALL.and(new Topic("orders.**"));
    }

    private void publish(String bizId, @Nullable String key) {
        publish("orders.placed", bizId, key);
    }

    private void publish(String topic, String bizId, @Nullable String key) {
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, Schema.message(topic, bizId, key)));
    }

    private void park(int messages, MessageState state) {
        schema.jdbi.useTransaction(handle -> {
            for (int i = 0; i < messages; i++) {
                outbox.publish(handle, Schema.message("m-" + i, null));
            }
            handle.execute(parking(state, null, Duration.ZERO));
            handle.execute("DELETE FROM bida_outbox");
        });
    }

    private void park(String bizId, @Nullable String key, MessageState state, @Nullable String error) {
        park(bizId, key, state, error, Duration.ZERO);
    }

    /** Without the relay: it never sees the row in the hot table. */
    private void park(
            String bizId, @Nullable String key, MessageState state, @Nullable String error, Duration dueAfter) {
        schema.jdbi.useTransaction(handle -> {
            outbox.publish(handle, Schema.message(bizId, key));
            handle.execute(parking(state, error, dueAfter) + " WHERE biz_id = '" + bizId + "'");
            handle.execute("DELETE FROM bida_outbox WHERE biz_id = '" + bizId + "'");
        });
    }

    private String parking(MessageState state, @Nullable String error, Duration dueAfter) {
        String copied = "seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers,"
                + " payload, created_at, expires_at";
        return "INSERT INTO bida_outbox_parked (" + copied + ", due_at, state, attempts, last_error, parked_at) SELECT "
                + copied + ", " + schema.database.dialect().nowPlus(String.valueOf(dueAfter.toNanos() / 1_000)) + ", '"
                + state + "', 0, " + (error == null ? "NULL" : "'" + error + "'") + ", "
                + schema.database.dialect().now() + " FROM bida_outbox";
    }

    private void sql(String sql) {
        schema.jdbi.useHandle(handle -> handle.execute(sql));
    }
}
