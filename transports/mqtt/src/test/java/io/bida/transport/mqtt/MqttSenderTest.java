package io.bida.transport.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.testkit.MosquittoServer;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MqttSenderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static MqttCarrier carrier;

    private String topic;

    @BeforeAll
    static void startBroker() {
        carrier = new MqttCarrier();
    }

    @AfterAll
    static void endBroker() {
        carrier.close();
    }

    @BeforeEach
    void open() {
        topic = carrier.newChannel();
    }

    @Test
    void anotherClientSeesACloudEvent() throws Exception {
        Message message = Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("42")
                .orderingKey("customer-7")
                .source("/orders")
                .headers(Map.of("tenant", "a", "traceparent", "00-1-2-01"))
                .createdAt(Instant.parse("2026-03-29T01:30:00Z"))
                .payload("{\"order\":42}")
                .build();
        Mqtt5BlockingClient client = carrier.client("another").buildBlocking();
        try (Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.connect();
            client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();

            send(Map.of(), message);

            Mqtt5Publish seen = publishes.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(properties(seen))
                    .containsEntry("specversion", "1.0")
                    .containsEntry("id", message.id().toString())
                    .containsEntry("type", "OrderPaid")
                    .containsEntry("source", "/orders")
                    .containsEntry("time", "2026-03-29T01:30:00Z")
                    .containsEntry("bizid", "42")
                    .containsEntry("scene", "OrderPaid")
                    .containsEntry("topic", "orders.paid")
                    .containsEntry("partitionkey", "customer-7")
                    .containsEntry("traceparent", "00-1-2-01")
                    .containsEntry("bida-h-tenant", "a");
            assertThat(seen.getContentType()).map(String::valueOf).contains("application/json");
            assertThat(new String(seen.getPayloadAsBytes(), UTF_8)).isEqualTo("{\"order\":42}");
        } finally {
            client.disconnect();
        }
    }

    @Test
    void withoutATopicTheMessageNamesIt() throws Exception {
        Map<String, Object> settings = new HashMap<>(carrier.settings(Way.STRAIGHT, "none"));
        settings.remove("topic");

        try (Sender sender = new MqttSenderFactory().create(new TransportSettings("mqtt", settings))) {
            assertThat(receipt(sender, message(topic))).isInstanceOf(Receipt.Accepted.class);
            assertThat(receipt(sender, message("orders/#")))
                    .isInstanceOfSatisfying(
                            Receipt.Rejected.class,
                            rejected -> assertThat(rejected.reason()).contains("#"));
        }
    }

    @Test
    void whatNobodySubscribesToIsNotAccepted() throws Exception {
        assertFailed(send(Map.of("topic", "nobody/" + topic), message("t")), false, "NO_MATCHING_SUBSCRIBERS");
    }

    @Test
    void aTopicThatIsForbiddenTakesNothing() throws Exception {
        assertFailed(send(Map.of("topic", "forbidden/orders"), message("t")), false, "NOT_AUTHORIZED");
    }

    @Test
    void aBrokerThatIsDownIsNoErrorAndNoFaultOfTheMessage() throws Exception {
        MosquittoServer down = MosquittoServer.start();
        down.kill();
        try (Sender sender = sender(Map.of("url", "mqtt://127.0.0.1:" + down.port()))) {
            assertFailed(receipt(sender, message("t")), true, "cannot be reached");

            down.restart();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertFailed(receipt(sender, message("t")), false, "NO_MATCHING_SUBSCRIBERS"));
        } finally {
            down.close();
        }
    }

    @Test
    void aWrongSettingIsNamedAndItsSecretIsNot() {
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("url", "http://me:hidden@host:1")))
                .withMessageContaining("transports.mqtt.url")
                .withMessageNotContaining("hidden");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("url", "mqtt://me:hidden@host:1")))
                .withMessageContaining("user and password are settings of their own")
                .withMessageNotContaining("hidden");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("properties", Map.of("retain", "true"))))
                .withMessageContaining("transports.mqtt.properties.retain");
    }

    private static void assertFailed(Receipt receipt, boolean unavailable, String reason) {
        assertThat(receipt).isInstanceOfSatisfying(Receipt.Failed.class, failed -> {
            assertThat(failed.reason()).contains(reason);
            assertThat(failed.unavailable()).isEqualTo(unavailable);
        });
    }

    static Map<String, String> properties(Mqtt5Publish publish) {
        return publish.getUserProperties().asList().stream()
                .collect(Collectors.toMap(
                        each -> each.getName().toString(),
                        each -> each.getValue().toString()));
    }

    private Receipt send(Map<String, Object> settings, Message message) throws Exception {
        try (Sender sender = sender(settings)) {
            return receipt(sender, message);
        }
    }

    private static Receipt receipt(Sender sender, Message message) throws Exception {
        return sender.send(List.of(message)).get(0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** @param settings beside those of the carrier, or instead of them */
    private Sender sender(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(carrier.settings(Way.STRAIGHT, topic));
        all.putAll(settings);
        return new MqttSenderFactory().create(new TransportSettings("mqtt", all));
    }

    private static Message message(String topic) {
        return Message.to(topic).type("Test").bizId("1").payload("a payload").build();
    }
}
