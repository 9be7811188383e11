package io.bida.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Way;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RocketMqSenderTest {

    private final RocketMqCarrier carrier = new RocketMqCarrier();

    @Test
    void anOrderingKeyHasOneQueueAndMessagesWithoutOneAreSpread() {
        String topic = carrier.newChannel();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            messages.add(message("keyed-" + i, "customer-7").build());
            messages.add(message("loose-" + i, null).build());
        }

        assertThat(sent(settings(topic), messages)).allMatch(Receipt.Accepted.class::isInstance);

        List<MessageExt> stored = carrier.client().read(topic);
        assertThat(stored.stream()
                        .filter(each -> each.getProperty("CE_partitionkey") != null)
                        .map(MessageExt::getQueueId)
                        .distinct())
                .hasSize(1);
        assertThat(stored.stream()
                        .filter(each -> each.getProperty("CE_partitionkey") == null)
                        .map(MessageExt::getQueueId)
                        .distinct())
                .hasSize(4);
    }

    @Test
    void aTopicThatIsNotThereIsAFailureThatNamesItUnlessItIsToBeCreated() {
        String topic = "topic-" + UUID.randomUUID();
        Map<String, Object> settings = settings(topic);

        assertThat(sent(settings, List.of(message("a", null).build())))
                .containsExactly(
                        new Receipt.Failed("There is no topic " + topic + "; create it, or set create: true."));

        settings.put("create", true);
        settings.put("queues", 3);
        assertThat(sent(settings, List.of(message("a", null).build()))).allMatch(Receipt.Accepted.class::isInstance);
        assertThat(carrier.client().read(topic)).hasSize(1);
    }

    @Test
    void withoutATopicInTheSettingsEachMessageGoesToItsOwn() {
        String topic = carrier.newChannel();
        Map<String, Object> settings = settings(topic);
        settings.remove("topic");

        List<Receipt> receipts = sent(
                settings,
                List.of(
                        Message.to(topic).type("T").bizId("a").payload("a").build(),
                        Message.to("orders.placed")
                                .type("T")
                                .bizId("b")
                                .payload("b")
                                .build()));

        assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipts.get(1))
                .isInstanceOfSatisfying(
                        Receipt.Rejected.class,
                        rejected -> assertThat(rejected.reason()).startsWith("'orders.placed' is no RocketMQ topic"));
    }

    @Test
    void headersThatDoNotFitAreRejectedByTheBroker() {
        List<Receipt> receipts = sent(
                settings(carrier.newChannel()),
                List.of(message("a", null)
                        .headers(Map.of("x-long", "x".repeat(33_000)))
                        .build()));

        assertThat(receipts).allMatch(Receipt.Rejected.class::isInstance);
    }

    @Test
    void serversThatAreDownAreNoErrorAndTheirMessagesFailAtOnce() {
        Map<String, Object> settings = settings("orders");
        settings.put("url", "127.0.0.1:1");

        assertThat(sent(settings, List.of(message("a", null).build())))
                .singleElement()
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.unavailable()).isTrue());
    }

    @Test
    void aSettingThatIsWrongIsNamed() {
        assertWrong("url", "no address", "transports.broker: url is 'no address'");
        assertWrong("topic", "orders.placed", "transports.broker.topic: 'orders.placed'");
        assertWrong("create", "perhaps", "transports.broker.create is 'perhaps'");
        assertWrong("replica", "none", "transports.broker.replica is 'none'");
        assertWrong("properties", Map.of("useTLSs", "true"), "transports.broker.properties: a DefaultMQProducer");
        assertWrong("properties", Map.of("useTLS", "yes"), "transports.broker.properties.useTLS is not of the kind");
    }

    @Test
    void whatTheClientLogsGoesToSlf4j() {
        assertThat(LoggerFactory.getLogger(RocketMqSenderTest.class).getClass())
                .hasPackage(ClientLog.class.getPackageName());
    }

    private void assertWrong(String key, Object value, String message) {
        Map<String, Object> settings = settings("orders");
        settings.put(key, value);
        assertThatThrownBy(() -> new RocketMqSenderFactory().create(new TransportSettings("broker", settings)))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith(message);
    }

    private Map<String, Object> settings(String topic) {
        return new HashMap<>(carrier.settings(Way.STRAIGHT, topic));
    }

    private static List<Receipt> sent(Map<String, Object> settings, List<Message> messages) {
        try (Sender sender = new RocketMqSenderFactory().create(new TransportSettings("broker", settings))) {
            return sender.send(messages).stream()
                    .map(stage -> stage.toCompletableFuture().join())
                    .toList();
        }
    }

    private static Message.Builder message(String bizId, @Nullable String key) {
        return Message.to("orders.placed")
                .type("OrderPlaced")
                .bizId(bizId)
                .orderingKey(key)
                .payload("payload of " + bizId);
    }
}
