package io.bida.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.contract.Carrier.Way;
import io.bida.transport.contract.TransportContract;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is special to JMS, with each provider. */
abstract class JmsContract<C extends JmsCarrier> extends TransportContract {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final C carrier;

    JmsContract(C carrier) {
        super(carrier);
        this.carrier = carrier;
    }

    @Test
    void aMessageGoesToTheQueueNamedAsItsTopicAndOneThatIsNotThereSpoilsNothing() throws Exception {
        String there = carrier.newChannel();
        try (Sender sender = carrier.sender(Way.STRAIGHT).open()) {
            List<Receipt> receipts = receipts(
                    sender, message(there, "a", null), message("nowhere", "b", null), message(there, "c", null));

            assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
            assertThat(receipts.get(1)).isInstanceOf(Receipt.Failed.class);
            assertThat(receipts.get(1).toString()).contains("nowhere");
            assertThat(receipts.get(2)).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void aQueueThatTheUserMayNotWriteToFails() throws Exception {
        carrier.create("closed.vault");
        try (Sender sender = carrier.sender(Way.STRAIGHT).open()) {
            Receipt receipt =
                    receipts(sender, message("closed.vault", "a", null)).get(0);

            assertThat(receipt).isInstanceOf(Receipt.Failed.class);
            assertThat(((Receipt.Failed) receipt).unavailable()).isFalse();
            assertThat(receipt.toString()).contains("closed.vault").doesNotContain(carrier.password());
        }
    }

    @Test
    void aBrokerThatIsNotThereIsUnavailable() throws Exception {
        carrier.proxy().refuse();
        try (Sender sender = carrier.sender(Way.PROXIED).open()) {
            assertThat(receipts(sender, message("any", "a", null), message("any", "b", null)))
                    .allSatisfy(receipt -> assertThat(receipt)
                            .isInstanceOfSatisfying(
                                    Receipt.Failed.class,
                                    failed -> assertThat(failed.unavailable()).isTrue()));
        }
    }

    @Test
    void anotherClientSeesACloudEvent() throws Exception {
        String channel = carrier.newChannel();
        Message message = Message.to("orders")
                .type("OrderPaid")
                .bizId("7")
                .orderingKey("customer-1")
                .headers(Map.of("X-Name", "M\u00fcller"))
                .payload("{}")
                .build();
        try (Sender sender = carrier.sender(Way.STRAIGHT).queue(channel).open()) {
            assertThat(receipts(sender, message)).hasOnlyElementsOfType(Receipt.Accepted.class);
        }

        carrier.as(carrier.user(), session -> {
            BytesMessage seen = (BytesMessage)
                    session.createConsumer(session.createQueue(channel)).receive(PATIENCE.toMillis());
            assertThat(seen.getStringProperty("cloudEvents_specversion")).isEqualTo("1.0");
            assertThat(seen.getStringProperty("cloudEvents_id"))
                    .isEqualTo(message.id().toString());
            assertThat(seen.getStringProperty("cloudEvents_type")).isEqualTo("OrderPaid");
            assertThat(seen.getStringProperty("cloudEvents_datacontenttype")).isEqualTo("application/json");
            assertThat(seen.getStringProperty("bida_h_X_2DName")).isEqualTo("M\u00fcller");
            assertThat(seen.getStringProperty("JMSXGroupID")).isEqualTo("customer-1");
            assertThat(seen.getJMSType()).isEqualTo("OrderPaid");
            assertThat(seen.getJMSCorrelationID()).isEqualTo(message.id().toString());
            assertThat(seen.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            byte[] body = new byte[(int) seen.getBodyLength()];
            seen.readBytes(body);
            assertThat(new String(body, StandardCharsets.UTF_8)).isEqualTo("{}");
            return true;
        });
    }

    @Test
    void aCloudEventOfAnotherProducerIsReadAndABodyOfEntriesIsADeadLetter() throws Exception {
        String channel = carrier.newChannel();
        ConcurrentLinkedQueue<Message> arrived = new ConcurrentLinkedQueue<>();
        try (JmsReceiver receiver = carrier.receiver(Way.STRAIGHT)
                .queue(channel)
                .to(message -> {
                    arrived.add(message);
                    return new Answer.Handled();
                })
                .open()) {
            carrier.as(carrier.user(), session -> {
                TextMessage event = session.createTextMessage("<paid/>");
                event.setStringProperty("cloudEvents_specversion", "1.0");
                event.setStringProperty("cloudEvents_id", "A-1");
                event.setStringProperty("cloudEvents_source", "/billing");
                event.setStringProperty("cloudEvents_type", "com.example.paid");
                event.setStringProperty("cloudEvents_datacontenttype", "text/xml");
                event.setStringProperty("cloudEvents_subject", "invoice 1");
                MapMessage map = session.createMapMessage();
                map.setString("order", "7");
                var producer = session.createProducer(session.createQueue(channel));
                producer.send(event);
                producer.send(map);
                return true;
            });

            await().atMost(PATIENCE).until(() -> arrived.size() == 1);
            Message message = arrived.element();
            assertThat(message.bizId().toString()).isEqualTo("com.example.paid:A-1");
            assertThat(message.contentType()).isEqualTo("text/xml");
            assertThat(message.payload().asUtf8()).isEqualTo("<paid/>");
            assertThat(message.headers()).containsEntry("cloudevents_subject", "invoice 1");
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }
        jakarta.jms.Message dead = carrier.as(carrier.operator(), session -> taken(session, channel + ".dead"));
        assertThat(dead).isInstanceOf(MapMessage.class);
        assertThat(((MapMessage) dead).getString("order")).isEqualTo("7");
    }

    @Test
    void aDeadLetterTellsWhyAndIsNotGivenUpWhileItsQueueIsMissing() throws Exception {
        String channel = carrier.newChannel();
        String graveyard = channel + ".graveyard";
        try (Sender sender = carrier.sender(Way.STRAIGHT).queue(channel).open();
                JmsReceiver receiver = carrier.receiver(Way.STRAIGHT)
                        .queue(channel)
                        .deadLetters(graveyard)
                        .to(message -> message.bizId().value().equals("bad")
                                ? new Answer.Rejected("It is bad.")
                                : new Answer.Handled())
                        .open()) {
            receipts(sender, message("t", "bad", null), message("t", "good", null));
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);

            carrier.create(graveyard);

            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }
        jakarta.jms.Message dead = carrier.as(carrier.operator(), session -> taken(session, graveyard));
        assertThat(dead.getStringProperty("bida_reason")).isEqualTo("It is bad.");
        assertThat(dead.getStringProperty("cloudEvents_bizid")).isEqualTo("bad");
    }

    @Test
    void twoReceiversShareAQueueAndEachKeyHasOneOfThem() throws Exception {
        String channel = carrier.newChannel();
        Map<String, String> receiverOfKey = new ConcurrentHashMap<>();
        Map<String, List<Integer>> numbersOfKey = new ConcurrentHashMap<>();
        Set<String> there = ConcurrentHashMap.newKeySet();
        AtomicInteger mixed = new AtomicInteger();
        List<Message> sent = IntStream.range(0, 400)
                .mapToObj(i -> message("t", String.valueOf(i), "key-" + i % 20))
                .toList();
        try (JmsReceiver first = sharing("first", channel, there, receiverOfKey, numbersOfKey, mixed);
                JmsReceiver second = sharing("second", channel, there, receiverOfKey, numbersOfKey, mixed);
                Sender sender = carrier.sender(Way.STRAIGHT)
                        .queue(channel)
                        .connections(1)
                        .open()) {
            await().atMost(PATIENCE).until(() -> {
                receipts(sender, message("t", "who is there?", null));
                return there.size() == 2;
            });

            assertThat(receipts(sender, sent.toArray(new Message[0]))).hasOnlyElementsOfType(Receipt.Accepted.class);

            await().atMost(PATIENCE)
                    .until(() ->
                            numbersOfKey.values().stream().mapToInt(List::size).sum() == sent.size());
            await().atMost(PATIENCE).until(() -> first.unacknowledged() + second.unacknowledged() == 0);
        }
        assertThat(receiverOfKey.values()).contains("first", "second");
        assertThat(mixed).hasValue(0);
        assertThat(numbersOfKey.values())
                .allSatisfy(numbers -> assertThat(numbers).isSorted());
    }

    @Test
    void aProviderWithoutAcknowledgementsOneByOneHasTransactions() throws Exception {
        String channel = carrier.newChannel();
        AtomicInteger failures = new AtomicInteger();
        List<String> arrived = new ArrayList<>();
        try (Sender sender = carrier.sender(Way.STRAIGHT)
                        .queue(channel)
                        .connections(1)
                        .open();
                JmsReceiver receiver = carrier.receiver(Way.STRAIGHT)
                        .queue(channel)
                        .acknowledgeMode(Session.SESSION_TRANSACTED)
                        .concurrency(1)
                        .to(message -> {
                            if (message.bizId().value().equals("bad")) {
                                return new Answer.Rejected("It is bad.");
                            }
                            if (failures.incrementAndGet() == 1) {
                                return new Answer.Retry("once");
                            }
                            arrived.add(message.bizId().value());
                            return new Answer.Handled();
                        })
                        .open()) {
            receipts(sender, message("t", "1", "k"), message("t", "bad", "k"), message("t", "2", "k"));

            await().atMost(PATIENCE).until(() -> failures.get() == 3 && receiver.unacknowledged() == 0);
        }
        assertThat(arrived).containsExactly("1", "2");
        assertThat(carrier.deadLetters(channel)).containsExactly("payload of bad");
        assertThat(carrier.texts(channel)).isEmpty();
    }

    @Test
    void aMessageWhoseReceiverDiesAgainAndAgainIsDeliveredAllTheSame() throws Exception {
        String channel = carrier.newChannel();
        try (Sender sender = carrier.sender(Way.STRAIGHT).queue(channel).open()) {
            receipts(sender, message("t", "patient", "k"));
        }
        AtomicInteger deaths = new AtomicInteger();
        AtomicInteger handled = new AtomicInteger();
        Intake intake = message -> {
            if (deaths.incrementAndGet() <= 12) {
                carrier.proxy().cut();
                return new Answer.Retry("The connection is gone.", Duration.ofMillis(1));
            }
            handled.incrementAndGet();
            return new Answer.Handled();
        };

        try (JmsReceiver receiver =
                carrier.receiver(Way.PROXIED).queue(channel).to(intake).open()) {
            await().atMost(PATIENCE).until(() -> handled.get() > 0 && receiver.unacknowledged() == 0);
        }

        assertThat(carrier.deadLetters(channel)).isEmpty();
    }

    private JmsReceiver sharing(
            String name,
            String channel,
            Set<String> there,
            Map<String, String> receiverOfKey,
            Map<String, List<Integer>> numbersOfKey,
            AtomicInteger mixed) {
        return carrier.receiver(Way.STRAIGHT)
                .queue(channel)
                .to(message -> {
                    there.add(name);
                    String key = message.orderingKey();
                    if (key == null) {
                        return new Answer.Handled();
                    }
                    if (!name.equals(receiverOfKey.computeIfAbsent(key, none -> name))) {
                        mixed.incrementAndGet();
                    }
                    numbersOfKey
                            .computeIfAbsent(key, none -> new CopyOnWriteArrayList<>())
                            .add(Integer.valueOf(message.bizId().value()));
                    return new Answer.Handled();
                })
                .open();
    }

    final List<Receipt> receipts(Sender sender, Message... messages) throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        for (var stage : sender.send(List.of(messages))) {
            receipts.add(stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        return receipts;
    }

    static Message message(String topic, String bizId, @Nullable String key) {
        return Message.to(topic)
                .type("OrderPaid")
                .bizId(bizId)
                .orderingKey(key)
                .payload("payload of " + bizId)
                .build();
    }

    private static jakarta.jms.Message taken(Session session, String queue) throws JMSException {
        return session.createConsumer(session.createQueue(queue)).receive(PATIENCE.toMillis());
    }
}
