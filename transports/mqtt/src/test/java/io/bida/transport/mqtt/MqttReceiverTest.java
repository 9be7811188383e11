package io.bida.transport.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.testkit.MosquittoServer;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Redelivery;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Order;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MqttReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SLOW = 5_000;
    private static final Answer HANDLED = new Answer.Handled();

    private static MqttCarrier carrier;

    private final Deque<MqttReceiver> receivers = new ArrayDeque<>();
    private final Queue<Message> arrived = new ConcurrentLinkedQueue<>();
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

    @AfterEach
    void close() {
        receivers.forEach(MqttReceiver::close);
    }

    @Test
    void anEventOfAnotherProducerIsReceivedWithItsExtensions() {
        receive(receiver(arriving()));

        carrier.put(Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.EXACTLY_ONCE)
                .contentType("text/plain")
                .payload("a chair".getBytes(UTF_8))
                .userProperties()
                .add("specversion", "1.0")
                .add("id", "A-17")
                .add("source", "/shop")
                .add("type", "shop.sold")
                .add("subject", "chairs")
                .applyUserProperties()
                .build());

        await().atMost(PATIENCE).until(() -> !arrived.isEmpty());
        Message message = arrived.remove();
        assertThat(message.bizId().toString()).isEqualTo("shop.sold:A-17");
        assertThat(message.source()).isEqualTo("/shop");
        assertThat(message.headers()).containsEntry("subject", "chairs");
        assertThat(message.contentType()).isEqualTo("text/plain");
        assertThat(message.payload().asUtf8()).isEqualTo("a chair");
    }

    @Test
    void aSecondReceiverTakesTheSessionOverAndTheFirstEnds() {
        MqttReceiver first = receive(receiver(message -> new Answer.Retry("never")));
        put(1, 50);
        await().atMost(PATIENCE).until(() -> first.unacknowledged() == 50);

        receive(receiver(arriving()));
        put(51, 100);

        await().atMost(PATIENCE).until(() -> arrived.size() == 100);
        await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> arrived.size() == 100);
        assertThat(arrived)
                .extracting(message -> message.bizId().value())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 100).mapToObj(String::valueOf).toList());
    }

    /** The client forgot who listens, and acknowledged all that came from then on. */
    @Test
    void aBrokerThatForgotTheSessionIsListenedToAgain() {
        try (MosquittoServer forgetful = MosquittoServer.start();
                Sender sender = sender(forgetful.settings(topic));
                MqttReceiver receiver = MqttReceiver.from("mqtt://127.0.0.1:" + forgetful.port())
                        .user(forgetful.user())
                        .password(forgetful.password())
                        .topic(topic)
                        .group("stock")
                        .to(arriving())
                        .open()) {
            awaitArrivalOf(1, sender);
            forgetful.restart(); // Nothing was saved yet.
            awaitArrivalOf(2, sender);
            assertThat(receiver.unacknowledged()).isZero();
        }
    }

    /** Sent again until the receiver has subscribed. */
    private void awaitArrivalOf(int number, Sender sender) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
            List<CompletionStage<Receipt>> sent = sender.send(List.of(message(number)));
            assertThat(sent).hasSize(1);
            return arrived.stream().anyMatch(message -> message.bizId().value().equals(String.valueOf(number)));
        });
    }

    /** What a message says of itself is in the reason why it is refused. */
    @Test
    void aDeadLetterWithAReasonThatMqttDoesNotCarryBlocksNothing() {
        String word = "x".repeat(40_000);
        MqttReceiver receiver =
                receive(receiver(message -> message.bizId().value().equals("1")
                        ? new Answer.Rejected(word + "\0" + word)
                        : arriving().receive(message)));
        put(1, 2);
        await().atMost(PATIENCE).until(() -> arrived.size() == 1 && receiver.unacknowledged() == 0);
    }

    /** Mosquitto up to 2.0.11 sends all that waits as soon as something is acknowledged. */
    @Test
    void moreMayWaitThanMqttCanNumber() {
        receive(receiver(arriving())).close();
        int count = 80_000;
        int keys = 1_000;
        putMany(count, keys);

        receive(receiver(message -> {
            if (arrived.size() < SLOW) {
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
            return arriving().receive(message);
        }));

        await().atMost(Duration.ofMinutes(2)).until(() -> arrived.size() == count);
        Map<String, List<Integer>> byKey = arrived.stream()
                .collect(Collectors.groupingBy(
                        message -> String.valueOf(message.orderingKey()),
                        Collectors.mapping(
                                message -> Integer.valueOf(message.bizId().value()), Collectors.toList())));
        assertThat(byKey).hasSize(keys);
        assertThat(byKey.values())
                .allSatisfy(numbers -> assertThat(numbers).hasSize(count / keys).isSorted());
    }

    /** Their acknowledgements do not wait behind messages that are not read. */
    @Test
    void manyDeadLettersAreKeptWhileManyWait() {
        receive(receiver(arriving())).close();
        String kept = topic + "/kept";
        carrier.subscribe("keeper-" + topic, kept);
        putMany(20_000, 1_000);
        AtomicInteger rejected = new AtomicInteger();

        MqttReceiver receiver = receive(receiver(message -> {
                    rejected.incrementAndGet();
                    return new Answer.Rejected("bad");
                })
                .deadLetters(kept));

        await().atMost(PATIENCE).until(() -> rejected.get() >= 20_000 && receiver.unacknowledged() == 0);
    }

    @Test
    void aDeadLetterThatNobodyKeepsIsNotAcknowledgedAndIsKeptLater() {
        String kept = topic + "/kept";
        MqttReceiver receiver =
                receive(receiver(message -> new Answer.Rejected("bad")).deadLetters(kept));
        put(1, 2);
        await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 2);
        await().during(Duration.ofMillis(1_500)).atMost(PATIENCE).until(() -> receiver.unacknowledged() == 2);

        carrier.subscribe("keeper-" + topic, kept);

        await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
    }

    @Test
    void deadLettersThatWouldComeBackAreRefused() {
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> receiver(arriving()).topic("orders/#").open())
                .withMessageContaining("needs deadLetters(...)");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> receiver(arriving())
                        .topic("orders/#")
                        .deadLetters("orders/dead")
                        .open())
                .withMessageContaining("would receive again");
    }

    private Intake arriving() {
        return message -> {
            arrived.add(message);
            return HANDLED;
        };
    }

    private MqttReceiver.Builder receiver(Intake intake) {
        return carrier.receiver(new Order(
                Way.STRAIGHT,
                topic,
                "stock",
                intake,
                delivery -> {
                    throw new RefusedException("It is no event.");
                },
                new Redelivery(Duration.ofMillis(50), Duration.ofMillis(50), 1_000),
                100));
    }

    private MqttReceiver receive(MqttReceiver.Builder builder) {
        MqttReceiver receiver = builder.open();
        receivers.add(receiver);
        return receiver;
    }

    private void put(int first, int last) {
        put(topic, first, last);
    }

    /** All of one key, in their order. */
    private void put(String to, int first, int last) {
        try (Sender sender = sender(to)) {
            for (int i = first; i <= last; i++) {
                assertThat(sender.send(List.of(message(i))).get(0).toCompletableFuture())
                        .succeedsWithin(PATIENCE)
                        .isInstanceOf(Receipt.Accepted.class);
            }
        }
    }

    private void putMany(int count, int keys) {
        try (Sender sender = sender(topic)) {
            for (int first = 0; first < count; first += keys) {
                List<Message> one = IntStream.range(first, first + keys)
                        .mapToObj(i -> message(i, "key-" + i % keys))
                        .toList();
                assertThat(sender.send(one))
                        .allSatisfy(receipt -> assertThat(receipt.toCompletableFuture())
                                .succeedsWithin(PATIENCE)
                                .isInstanceOf(Receipt.Accepted.class));
            }
        }
    }

    private static Sender sender(String to) {
        return sender(carrier.settings(Way.STRAIGHT, to));
    }

    private static Sender sender(Map<String, Object> settings) {
        return new MqttSenderFactory().create(new TransportSettings("mqtt", settings));
    }

    private static Message message(int i) {
        return message(i, "key");
    }

    private static Message message(int i, String key) {
        return Message.to("t")
                .type("Test")
                .bizId(String.valueOf(i))
                .orderingKey(key)
                .payload("payload " + i)
                .build();
    }
}
