package io.bida.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class KafkaReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaCarrier carrier = new KafkaCarrier();
    private final Arrivals arrivals = new Arrivals();

    @Test
    void receiversThatJoinAndLeaveInMidStreamLoseNothingAndKeepTheOrderOfEachKey() {
        String topic = carrier.newChannel();
        int messages = 4_000;
        Intake slow = message -> {
            pause(1);
            return arrivals.receive(message);
        };
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(topic, messages));

        KafkaReceiver first = receiver(topic, slow);
        awaitArrivals(messages / 8);
        KafkaReceiver second = receiver(topic, slow);
        awaitArrivals(messages / 3);
        KafkaReceiver third = receiver(topic, slow);
        awaitArrivals(messages / 2);
        first.close();
        awaitArrivals(3 * messages / 4);
        second.close();
        awaitArrivals(messages);
        third.close();
        sent.join();

        assertThat(arrivals.lasts())
                .hasSize(100)
                .allSatisfy((key, last) -> assertThat(last).isEqualTo(messages - 100 + Integer.parseInt(key)));
        assertThat(arrivals.disorder()).isEmpty();
        assertThat(arrivals.repeated()).isLessThan(messages / 4);
    }

    @Test
    void anEventOfAnotherProducerIsTaken() {
        String topic = carrier.newChannel();
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, "7", "{\"total\":3}");
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "4711",
                        "ce_type", "1",
                        "ce_source", "/legacy",
                        "content-type", "application/json; charset=utf-8")
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        KafkaCarrier.put(record);
        List<Message> taken = new ArrayList<>();
        try (KafkaReceiver receiver = receiver(topic, message -> {
            taken.add(message);
            return new Answer.Handled();
        })) {
            await().atMost(PATIENCE).until(() -> taken.size() == 1 && receiver.unacknowledged() == 0);
        }
        assertThat(taken.get(0).bizId().value()).isEqualTo("4711");
        assertThat(taken.get(0).contentType()).isEqualTo("application/json; charset=utf-8");
        assertThat(taken.get(0).payload().asUtf8()).isEqualTo("{\"total\":3}");
    }

    @Test
    void aDeadLetterThatCannotBeKeptIsKeptLaterAndNotAcknowledgedBefore() {
        String topic = "undertaker-" + System.nanoTime();
        KafkaCarrier.createTopic(new NewTopic(topic, 1, (short) 1));
        try (KafkaReceiver receiver = receiver(topic, message -> new Answer.Rejected("no such order"))) {
            send(topic, 1);
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);
            await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);

            KafkaCarrier.createTopic(new NewTopic(topic + ".dead", 1, (short) 1));

            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }
        List<ConsumerRecord<byte[], byte[]>> dead = KafkaCarrier.records(topic + ".dead", 1);
        assertThat(dead).hasSize(1);
        assertThat(header(dead.get(0), "bida-reason")).isEqualTo("no such order");
        assertThat(header(dead.get(0), "ce_bizid")).isEqualTo("0");
        assertThat(dead.get(0).key()).asString().isEqualTo("0");
    }

    @Test
    void topicsThatAreMissingAreCreatedWhereThatIsWanted() {
        String topic = "fresh-" + System.nanoTime();
        try (KafkaReceiver receiver = KafkaReceiver.from(
                        KafkaCarrier.receiverProperties(KafkaCarrier.SERVER.bootstrap()))
                .topic(topic)
                .group("stock")
                .to(arrivals)
                .deadLetters(topic + ".graves")
                .create(true)
                .open()) {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(KafkaCarrier.records(topic + ".graves", 1))
                            .isEmpty());
            send(topic, 1);
            await().atMost(PATIENCE).until(() -> arrivals.size() == 1 && receiver.unacknowledged() == 0);
        }
    }

    private static KafkaReceiver receiver(String topic, Intake intake) {
        return KafkaReceiver.from(KafkaCarrier.receiverProperties(KafkaCarrier.SERVER.bootstrap()))
                .topic(topic)
                .group("stock of " + topic)
                .to(intake)
                .window(100)
                .open();
    }

    /** Of 100 keys, the biz-ids counting up. */
    private static void send(String topic, int count) {
        try (KafkaSender sender = KafkaSender.to(Map.of("bootstrap.servers", KafkaCarrier.SERVER.bootstrap()))
                .topic(topic)
                .open()) {
            for (int first = 0; first < count; first += 100) {
                List<Message> messages = new ArrayList<>();
                for (int i = first; i < Math.min(count, first + 100); i++) {
                    messages.add(Message.to("orders")
                            .type("Order")
                            .bizId(String.valueOf(i))
                            .orderingKey(String.valueOf(i % 100))
                            .payload("{}")
                            .build());
                }
                sender.send(messages)
                        .forEach(stage -> assertThat(stage.toCompletableFuture()
                                        .orTimeout(20, TimeUnit.SECONDS)
                                        .join())
                                .isInstanceOf(Receipt.Accepted.class));
            }
        }
    }

    private void awaitArrivals(int count) {
        await().atMost(PATIENCE).until(() -> arrivals.size() >= count);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes each message once, as an inbox does, and notes those that come after a later one of their key. Thread-safe. */
    private static final class Arrivals implements Intake {

        private final Set<String> known = new LinkedHashSet<>();
        private final Map<String, Integer> lasts = new HashMap<>();
        private final List<String> disorder = new ArrayList<>();
        private int repeated;

        @Override
        public synchronized Answer receive(Message message) {
            String bizId = message.bizId().value();
            if (!known.add(bizId)) {
                repeated++;
                return new Answer.Duplicate();
            }
            int number = Integer.parseInt(bizId);
            Integer last = lasts.put(String.valueOf(message.orderingKey()), number);
            if (last != null && last + 100 != number) {
                disorder.add(number + " after " + last);
            }
            return new Answer.Handled();
        }

        synchronized int size() {
            return known.size();
        }

        synchronized Map<String, Integer> lasts() {
            return Map.copyOf(lasts);
        }

        synchronized List<String> disorder() {
            return List.copyOf(disorder);
        }

        synchronized int repeated() {
            return repeated;
        }
    }
}
