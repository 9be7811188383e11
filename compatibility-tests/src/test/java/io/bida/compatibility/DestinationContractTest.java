package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.outbox.Outbox;
import io.bida.relay.Limits;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Destinations that fail, hang or are slow: their messages wait, and nobody else does. On every database. */
@ParameterizedClass
@EnumSource
class DestinationContractTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Outbox outbox = Outbox.builder().maxPayload(8 << 20).build();
    private final RecordingSender web = new RecordingSender();
    private final RecordingSender mail = new RecordingSender();
    private final List<Relay> relays = new ArrayList<>();
    private final Schema schema;

    DestinationContractTest(Store store) {
        schema = new Schema(store);
    }

    @AfterEach
    void close() {
        relays.forEach(Relay::close);
        schema.close();
    }

    @Test
    void theMessagesOfADestinationThatIsDownLoseNoAttemptsAndKeepTheOrderOfTheirKeys() {
        CompletableFuture<Boolean> repaired = new CompletableFuture<>();
        web.answering(m -> repaired.isDone() ? new Receipt.Accepted("ok") : new Receipt.Failed("out of order"));
        for (int i = 100; i < 140; i++) {
            publish("web", "loose-" + i, null);
            publish("web", "keyed-" + i, "key-" + i % 2);
        }
        start(relay(Limits.DEFAULT));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                schema.strings("SELECT last_error FROM bida_outbox_parked WHERE state = 'RETRY'"))
                        .contains("web takes nothing at present: out of order"));
        publish("mail", "to-others", null);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(mail.bizIds()).containsExactly("to-others"));
        asAfterALongOutage();
        repaired.complete(true);
        publish("web", "probe", null);

        awaitEmpty();
        assertThat(schema.count("bida_outbox_history")).as("none is dead").isEqualTo(82);
        for (String key : List.of("key-0", "key-1")) {
            assertThat(web.sent.stream()
                            .filter(m -> key.equals(m.orderingKey()))
                            .map(m -> m.bizId().value())
                            .distinct())
                    .hasSize(20)
                    .isSorted();
        }
    }

    /** What waits for a destination that has been down for long is due late. */
    private void asAfterALongOutage() {
        schema.jdbi.useHandle(handle -> handle.execute("UPDATE bida_outbox_parked SET due_at = "
                + schema.database.dialect().nowPlus("3600000000") + " WHERE last_error LIKE 'web takes%'"));
    }

    @Test
    void aDestinationThatHangsHoldsNobodyElseUp() {
        web.answer = message -> new CompletableFuture<>();
        start(relay(new Limits(4, 0, Duration.ofSeconds(60), 10)).inFlight(8));
        for (int i = 0; i < 100; i++) {
            publish("web", "hung-" + i, null);
            publish("mail", "mail-" + i, "key-" + i % 3);
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mail.bizIds()).hasSize(100).doesNotHaveDuplicates());
        assertThat(web.bizIds()).hasSize(4);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(schema.strings("SELECT DISTINCT last_error FROM bida_outbox_parked"))
                        .containsExactly(
                                "web takes messages more slowly than they come; this one waits for" + " its turn."));
    }

    @Test
    void aDestinationIsGivenNoMoreThanItsRate() {
        start(relay(new Limits(0, 20, Duration.ofSeconds(60), 10)));
        for (int i = 0; i < 30; i++) {
            publish("web", "web-" + i, null);
        }
        long begin = System.nanoTime();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(web.bizIds()).hasSize(30));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
    }

    @Test
    void eachRouteSaysWhatBecomesOfWhichError() {
        web.answering(m -> switch (m.bizId().value()) {
            case "gone" -> new Receipt.Failed("web answered 410");
            case "invalid" -> new Receipt.Rejected("web answered 422");
            default -> new Receipt.Accepted("ok");
        });
        publish("web", "gone", "a");
        publish("web", "behind-gone", "a");
        publish("web", "invalid", "b");
        publish("web", "behind-invalid", "b");
        start(Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .sender("web", web)
                .route(new Route("web", "web")
                        .holdingOnDead()
                        .on("answered 410", Route.Then.SKIP)
                        .on("rejected", Route.Then.DEAD)));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(web.bizIds()).contains("behind-gone"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(schema.parked())
                        .containsExactly("DEAD gone", "DEAD invalid", "HELD behind-invalid"));
        assertThat(schema.deadReasons()).containsExactly("Failed: web answered 410", "Rejected: web answered 422");
    }

    @Test
    void noMorePayloadIsHeldThanThereIsRoomFor() {
        int size = 3 << 20;
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        web.answer = message -> {
            most.accumulateAndGet(held.addAndGet(message.payload().size()), Math::max);
            return CompletableFuture.supplyAsync(() -> {
                held.addAndGet(-message.payload().size());
                return new Receipt.Accepted("ok");
            });
        };
        for (int i = 0; i < 12; i++) {
            publishOf(size, "large-" + i);
            publish("web", "small-" + i, null);
        }
        publishOf(7 << 20, "too-large");
        start(relay(Limits.DEFAULT).inFlightSize(2L * size));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(web.bizIds()).hasSize(24));
        assertThat(most.get()).isLessThanOrEqualTo(3 * size);
        assertThat(web.sent)
                .allSatisfy(message -> assertThat(message.payload().size()).isIn(2, size));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(schema.deadReasons())
                        .containsExactly(
                                "Its payload of 7340032 bytes is larger than the 6291456 bytes that the relay holds in"
                                        + " memory; raise relay.in-flight-size and retry the message."));
    }

    private Relay.Builder relay(Limits limits) {
        return Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .lease(Duration.ofSeconds(2))
                .history(Duration.ofHours(1))
                .retry(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0, 3))
                .sender("web", web, limits)
                .sender("mail", mail)
                .route(new Route("web", "web"))
                .route(new Route("mail", "mail"));
    }

    private void start(Relay.Builder builder) {
        Relay relay = builder.build();
        relays.add(relay);
        relay.start();
    }

    private void awaitEmpty() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(schema.count("bida_outbox") + schema.count("bida_outbox_parked"))
                        .isZero());
    }

    private void publish(String topic, String bizId, @Nullable String key) {
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, Schema.message(topic, bizId, key)));
    }

    private void publishOf(int size, String bizId) {
        Message message = Message.to("web")
                .type("Picture")
                .bizId(bizId)
                .payload(Payload.wrap(new byte[size]))
                .build();
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, message));
    }
}
