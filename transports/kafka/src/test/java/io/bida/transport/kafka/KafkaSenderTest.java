package io.bida.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.TransportSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class KafkaSenderTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final KafkaCarrier carrier = new KafkaCarrier();

    @Test
    void aForeignClientSeesACloudEventInTheBinaryMode() {
        String topic = carrier.newChannel();
        Message message = Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("42 \u4f60")
                .orderingKey("customer 7")
                .source("shop")
                .headers(Map.of("traceparent", "00-1-2-01", "X-Name", "M\u00fcller"))
                .payload("{}")
                .build();
        try (KafkaSender sender =
                KafkaSender.to(straight()).topic(topic).timeout(TIMEOUT).open()) {
            assertThat(receipt(sender, message))
                    .isInstanceOfSatisfying(
                            Receipt.Accepted.class,
                            accepted -> assertThat(accepted.proof())
                                    .startsWith(topic + "-")
                                    .endsWith("@0"));
        }

        List<ConsumerRecord<byte[], byte[]>> records = KafkaCarrier.records(topic, 4);

        assertThat(records).hasSize(1);
        assertThat(records.get(0).key()).asString().isEqualTo("customer 7");
        assertThat(records.get(0).value()).asString().isEqualTo("{}");
        assertThat(headers(records.get(0)))
                .isEqualTo(Map.ofEntries(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_id", message.id().toString()),
                        Map.entry("ce_type", "OrderPaid"),
                        Map.entry("ce_source", "shop"),
                        Map.entry("ce_bizid", "42 \u4f60"),
                        Map.entry("ce_scene", "OrderPaid"),
                        Map.entry("ce_topic", "orders.paid"),
                        Map.entry("ce_partitionkey", "customer 7"),
                        Map.entry("traceparent", "00-1-2-01"),
                        Map.entry("bida-h-X-Name", "M\u00fcller"),
                        Map.entry("content-type", "application/json")));
    }

    @Test
    void aTopicThatIsMissingIsCreatedOnlyWhereThatIsWanted() {
        String topic = "created-" + System.nanoTime();
        try (KafkaSender sender = KafkaSender.to(straight()).timeout(TIMEOUT).open()) {
            assertThat(receipt(sender, message(topic)))
                    .isEqualTo(new Receipt.Failed("Not sent: the topic " + topic + " is not there."));
        }
        try (KafkaSender sender =
                KafkaSender.to(straight()).timeout(TIMEOUT).create(true).open()) {
            assertThat(receipt(sender, message(topic))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void aTopicWhoseNameKafkaDoesNotAllowIsRejectedAndTheOthersGoOn() {
        String topic = carrier.newChannel();
        try (KafkaSender sender = KafkaSender.to(straight()).timeout(TIMEOUT).open()) {
            assertThat(receipt(sender, message("orders/paid"))).isInstanceOf(Receipt.Rejected.class);
            assertThat(receipt(sender, message(topic))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void whoIsNotAllowedToWriteFailsAndSucceedsWhenHeIs() throws Exception {
        String topic = carrier.newChannel();
        AclBinding denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:ANONYMOUS", "*", AclOperation.WRITE, AclPermissionType.DENY));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaCarrier.SERVER.bootstrap()));
                KafkaSender sender =
                        KafkaSender.to(straight()).topic(topic).timeout(TIMEOUT).open()) {
            admin.createAcls(List.of(denied)).all().get();
            assertThat(receipt(sender, message(topic)))
                    .isInstanceOfSatisfying(
                            Receipt.Failed.class,
                            failed -> assertThat(failed.reason()).contains("TopicAuthorization"));
            admin.deleteAcls(List.of(denied.toFilter())).all().get();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> receipt(sender, message(topic)) instanceof Receipt.Accepted);
        }
    }

    @Test
    void whatFailsWhileTheBrokerIsDownIsNotSentWhenItIsBack() {
        String topic = carrier.newChannel();
        try (KafkaSender sender =
                KafkaSender.to(straight()).topic(topic).timeout(TIMEOUT).open()) {
            assertThat(receipt(sender, message(topic))).isInstanceOf(Receipt.Accepted.class);
            KafkaCarrier.SERVER.kill();
            receipt(sender, message(topic)); // It may be handed to the connection that is just ending.
            assertThat(receipt(sender, message(topic)))
                    .isInstanceOfSatisfying(
                            Receipt.Failed.class,
                            failed -> assertThat(failed.unavailable()).isTrue());
            KafkaCarrier.SERVER.restart();
            Message last = message(topic);
            while (!(receipt(sender, last) instanceof Receipt.Accepted)) {
                // Until the broker is there.
            }
        }
        assertThat(KafkaCarrier.records(topic, 4)).hasSizeBetween(2, 3);
    }

    @Test
    void aBrokerThatWasNeverThereIsUnavailableAndTheCallerDoesNotWaitForIt() {
        try (KafkaSender sender = KafkaSender.to(Map.of("bootstrap.servers", "127.0.0.1:1"))
                .timeout(TIMEOUT)
                .open()) {
            long begin = System.nanoTime();
            var stage = sender.send(List.of(message("any"))).get(0).toCompletableFuture();
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(1));
            assertThat(stage.orTimeout(20, TimeUnit.SECONDS).join())
                    .isInstanceOfSatisfying(
                            Receipt.Failed.class,
                            failed -> assertThat(failed.unavailable()).isTrue());
        }
    }

    @Test
    void theRightPasswordIsLetIn() {
        String topic = carrier.newChannel();
        try (KafkaSender sender = KafkaSender.to(KafkaCarrier.withPassword(KafkaCarrier.SERVER.password()))
                .topic(topic)
                .timeout(TIMEOUT)
                .open()) {
            assertThat(receipt(sender, message(topic))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void wrongSettingsAreNamed() {
        assertThatThrownBy(() -> create(Map.of())).hasMessageContaining("transports.events.properties");
        assertThatThrownBy(() -> create(Map.of("properties", Map.of("acks", "0", "bootstrap.servers", "127.0.0.1:1"))))
                .hasMessage("transports.events.properties: The property acks is Bida's own to decide; take it away.");
        assertThatThrownBy(() -> create(Map.of("properties", Map.of("linger.ms", "5"))))
                .hasMessageContaining("transports.events.properties: The property bootstrap.servers is missing");
        assertThatThrownBy(() -> create(
                        Map.of("properties", Map.of("bootstrap.servers", "127.0.0.1:1", "compression.type", "tar"))))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("transports.events.properties")
                .hasMessageContaining("compression.type");
        Map<String, Object> options = new HashMap<>(KafkaCarrier.settings("t", straight()));
        options.put("create", "perhaps");
        assertThatThrownBy(() -> create(options)).hasMessageContaining("transports.events.create");
    }

    private static void create(Map<String, Object> options) {
        new KafkaSenderFactory()
                .create(new TransportSettings("events", options))
                .close();
    }

    private static Map<String, String> straight() {
        return Map.of("bootstrap.servers", KafkaCarrier.SERVER.bootstrap());
    }

    private static Receipt receipt(KafkaSender sender, Message message) {
        return sender.send(List.of(message))
                .get(0)
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private static Message message(String topic) {
        return Message.to(topic).type("Test").bizId("1").payload("{}").build();
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return headers;
    }
}
