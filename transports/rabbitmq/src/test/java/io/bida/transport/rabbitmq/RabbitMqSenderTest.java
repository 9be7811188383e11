package io.bida.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.GetResponse;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.testkit.RabbitMqServer;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RabbitMqSenderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RabbitMqServer server = Broker.server();

    @Test
    void aForeignClientSeesACloudEvent() {
        Broker.declare("seen", Map.of());
        Message message = Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("42")
                .orderingKey("customer-7")
                .source("/orders")
                .contentType("text/plain")
                .headers(Map.of("tenant", "M\u00fcller"))
                .payload("paid")
                .createdAt(Instant.parse("2026-03-29T01:30:00Z"))
                .build();

        assertThat(sent(Map.of("queue", "seen"), message)).singleElement().isInstanceOf(Receipt.Accepted.class);

        GetResponse seen = Broker.messages("seen").get(0);
        BasicProperties properties = seen.getProps();
        assertThat(new String(seen.getBody(), StandardCharsets.UTF_8)).isEqualTo("paid");
        assertThat(properties.getMessageId()).isEqualTo(message.id().toString());
        assertThat(properties.getContentType()).isEqualTo("text/plain");
        assertThat(properties.getType()).isEqualTo("OrderPaid");
        assertThat(properties.getDeliveryMode()).isEqualTo(2);
        assertThat(properties.getTimestamp()).isEqualTo("2026-03-29T01:30:00Z");
        Map<String, String> headers = new HashMap<>();
        properties.getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
        assertThat(headers)
                .containsEntry("cloudEvents_specversion", "1.0")
                .containsEntry("cloudEvents_id", message.id().toString())
                .containsEntry("cloudEvents_type", "OrderPaid")
                .containsEntry("cloudEvents_source", "/orders")
                .containsEntry("cloudEvents_partitionkey", "customer-7")
                .containsEntry("cloudEvents_bizid", "42")
                .containsEntry("bida-h-tenant", "M\u00fcller");
    }

    @Test
    void theTopicIsTheRoutingKeyOfAnExchange() {
        Map<String, Object> events = Map.of("exchange", "events", "create", true);
        assertThat(sent(events, message("orders.paid", 1)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.reason()).contains("NO_ROUTE", "'events'", "'orders.paid'"));
        Broker.declare("paid", Map.of());
        Broker.run(channel -> channel.queueBind("paid", "events", "*.paid"));

        List<Receipt> receipts =
                sent(events, message("orders.paid", 2), message("orders.placed", 3), message("orders.paid", 4));

        assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipts.get(1)).isInstanceOf(Receipt.Failed.class);
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Accepted.class);
        assertThat(Broker.messages("paid")).hasSize(2);
    }

    @Test
    void aMissingQueueIsCreatedWhenThatIsAskedFor() {
        assertThat(sent(Map.of("queue", "created", "create", "true"), message("orders", 1)))
                .singleElement()
                .isInstanceOf(Receipt.Accepted.class);
        assertThat(sent(Map.of("queue", "created", "create", "true"), message("orders", 2)))
                .singleElement()
                .isInstanceOf(Receipt.Accepted.class);
        assertThat(Broker.messages("created")).hasSize(2);
    }

    @Test
    void aFullQueueThatRefusesMakesTheMessageFail() {
        Broker.declare("full", Map.of("x-max-length", 2, "x-overflow", "reject-publish"));

        List<Receipt> receipts =
                sent(Map.of("queue", "full"), message("orders", 1), message("orders", 2), message("orders", 3));

        assertThat(receipts).filteredOn(Receipt.Accepted.class::isInstance).hasSize(2);
        assertThat(receipts)
                .filteredOn(Receipt.Failed.class::isInstance)
                .singleElement()
                .asString()
                .contains("refused it");
    }

    @Test
    void whoMayNotWriteIsToldSoAndTheNextChannelIsTried() {
        Broker.declare("forbidden", Map.of());
        Map<String, Object> settings = settings(Map.of("exchange", "amq.topic"));
        settings.put("user", server.reader());
        try (Sender sender = open(settings)) {
            for (int i = 0; i < 3; i++) {
                assertThat(receipts(sender, message("orders", 2 * i), message("orders", 2 * i + 1)))
                        .allSatisfy(receipt -> assertThat(receipt)
                                .isInstanceOfSatisfying(
                                        Receipt.Failed.class,
                                        failed -> assertThat(failed.reason()).contains("403", "ACCESS_REFUSED")));
            }
        }
    }

    @Test
    void anExchangeThatIsNotThereMakesMessagesFailUntilItIs() {
        try (Sender sender = open(settings(Map.of("exchange", "later", "routing-key", "all")))) {
            assertThat(receipts(sender, message("orders", 1), message("orders", 2)))
                    .allSatisfy(receipt -> assertThat(receipt)
                            .isInstanceOfSatisfying(
                                    Receipt.Failed.class,
                                    failed -> assertThat(failed.reason()).contains("404", "'later'")));
            Broker.declare("of-later", Map.of());
            Broker.run(channel -> {
                channel.exchangeDeclare("later", "fanout", true);
                return channel.queueBind("of-later", "later", "");
            });
            assertThat(receipts(sender, message("orders", 1))).singleElement().isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void whatAmqpCannotSayIsRejectedAndTheOthersAreTaken() {
        Broker.declare("sayable", Map.of());
        Message longTopic = message("\u4f60".repeat(200), 1);
        Message longName = Message.to("orders")
                .type("Test")
                .bizId("2")
                .headers(Map.of("n".repeat(300), "value"))
                .payload("x")
                .build();
        Message longHeader = Message.to("orders")
                .type("Test")
                .bizId("3")
                .headers(Map.of("long", "v".repeat(1 << 20)))
                .payload("x")
                .build();

        assertThat(sent(Map.of(), longTopic)).singleElement().isInstanceOf(Receipt.Rejected.class);
        List<Receipt> receipts = sent(
                Map.of("queue", "sayable"),
                message("orders", 4),
                longName,
                longHeader,
                message("orders", 5),
                longTopic);

        assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipts.get(1)).isInstanceOf(Receipt.Rejected.class);
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Rejected.class);
        assertThat(receipts.get(3)).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipts.get(4)).isInstanceOf(Receipt.Accepted.class);
        assertThat(Broker.messages("sayable")).hasSize(3);
    }

    @Test
    void aBrokerThatIsLowOnMemoryTakesNothingAndNobodyWaitsForIt() {
        Broker.declare("alarm", Map.of());
        try (Sender sender = open(settings(Map.of("queue", "alarm", "timeout", "2s")))) {
            assertThat(receipts(sender, message("orders", 0))).singleElement().isInstanceOf(Receipt.Accepted.class);
            server.control("set_vm_memory_high_watermark", "0.000001");
            try {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(receipts(sender, message("orders", 1)))
                                .singleElement()
                                .isInstanceOfSatisfying(Receipt.Failed.class, failed -> {
                                    assertThat(failed.unavailable()).isTrue();
                                    assertThat(failed.reason()).contains("low on memory");
                                }));
                Message large = Message.to("orders")
                        .type("Test")
                        .bizId("large")
                        .payload(Payload.wrap(new byte[1 << 20]))
                        .build();
                long begin = System.nanoTime();
                List<Message> much = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    much.add(large);
                }
                assertThat(receipts(sender, much.toArray(Message[]::new)))
                        .noneSatisfy(receipt -> assertThat(receipt).isInstanceOf(Receipt.Accepted.class));
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
            } finally {
                server.control("set_vm_memory_high_watermark", "0.6");
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(receipts(sender, message("orders", 2)))
                            .singleElement()
                            .isInstanceOf(Receipt.Accepted.class));
        }
    }

    @Test
    void wrongSettingsAreToldWithTheirPlace() {
        assertThatThrownBy(() -> open(Map.of("url", "http://127.0.0.1")))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.url is no AMQP URL");
        assertThatThrownBy(() -> open(Map.of("url", "amqp://bida:hidden@127.0.0.1")))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.url")
                .hasMessageNotContaining("hidden");
        assertThatThrownBy(() -> open(settings(Map.of("queue", "a", "exchange", "b"))))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.queue");
        assertThatThrownBy(() -> open(settings(Map.of("create", "yes"))))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.create");
        assertThatThrownBy(() -> open(settings(Map.of("properties", Map.of("use.nio", "true")))))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.properties: 'use.nio'");
        assertThatThrownBy(() -> open(settings(Map.of("properties", Map.of("connection.heartbeat", "soon")))))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.rabbit.properties");
    }

    private List<Receipt> sent(Map<String, Object> special, Message... messages) {
        try (Sender sender = open(settings(special))) {
            return receipts(sender, messages);
        }
    }

    private static List<Receipt> receipts(Sender sender, Message... messages) {
        return sender.send(List.of(messages)).stream()
                .map(stage -> stage.toCompletableFuture().join())
                .toList();
    }

    private static Sender open(Map<String, Object> settings) {
        return new RabbitMqSenderFactory().create(new TransportSettings("rabbit", settings));
    }

    private Map<String, Object> settings(Map<String, Object> special) {
        Map<String, Object> settings =
                new HashMap<>(Map.of("url", server.url(), "user", server.user(), "password", server.password()));
        settings.putAll(special);
        return settings;
    }

    private static Message message(String topic, int number) {
        return Message.to(topic)
                .type("Test")
                .bizId(String.valueOf(number))
                .payload("payload " + number)
                .build();
    }
}
