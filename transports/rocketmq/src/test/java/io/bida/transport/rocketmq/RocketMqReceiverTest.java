package io.bida.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Way;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RocketMqReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 20;

    private final RocketMqCarrier carrier = new RocketMqCarrier();

    @Test
    void membersThatComeAndGoTakeQueuesOverAndEachKeyKeepsItsOrder() {
        String topic = carrier.newChannel();
        FirstArrivals arrivals = new FirstArrivals();
        AtomicInteger givenToSecond = new AtomicInteger();
        int rounds = 0;
        try (Sender sender = new RocketMqSenderFactory()
                        .create(new TransportSettings("broker", carrier.settings(Way.STRAIGHT, topic)));
                RocketMqReceiver first = receiver(topic).to(arrivals::take).open()) {
            ship(sender, rounds++);
            await().atMost(PATIENCE).until(() -> arrivals.size() > 0);

            try (RocketMqReceiver second = receiver(topic)
                    .to(message -> {
                        givenToSecond.incrementAndGet();
                        return arrivals.take(message);
                    })
                    .open()) {
                while (givenToSecond.get() == 0) {
                    ship(sender, rounds++);
                }
                CompletableFuture<Void> closed = CompletableFuture.runAsync(first::close);
                while (!closed.isDone()) {
                    ship(sender, rounds++);
                }
                ship(sender, rounds++);

                int all = KEYS * rounds;
                await().atMost(PATIENCE).until(() -> arrivals.size() == all);
                await().atMost(PATIENCE).until(() -> second.unacknowledged() == 0);
            }
        }
        List<String> inOrder =
                IntStream.range(0, rounds).mapToObj(String::valueOf).toList();
        for (int key = 0; key < KEYS; key++) {
            assertThat(arrivals.of("key-" + key)).containsExactlyElementsOf(inOrder);
        }
    }

    @Test
    void aSettingThatIsWrongIsNamed() {
        assertThatThrownBy(() -> receiver("orders.placed")
                        .to(message -> new Answer.Handled())
                        .open())
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("topic is 'orders.placed'");
        assertThatThrownBy(() -> receiver("orders")
                        .group("")
                        .to(message -> new Answer.Handled())
                        .open())
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("group is ''");
        assertThatThrownBy(() -> receiver("orders").open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("needs to(...)");
        assertThatThrownBy(() -> receiver("orders")
                        .to(message -> new Answer.Handled())
                        .properties(Map.of("pullTreads", "8"))
                        .open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("no property pullTreads");
    }

    @Test
    void anEventOfAnotherProducerIsReadAsAMessage() throws Exception {
        String topic = carrier.newChannel();
        BlockingQueue<Message> arrived = new LinkedBlockingQueue<>();
        try (RocketMqReceiver receiver = receiver(topic)
                .to(message -> {
                    arrived.add(message);
                    return new Answer.Handled();
                })
                .open()) {
            org.apache.rocketmq.common.message.Message event =
                    new org.apache.rocketmq.common.message.Message(topic, "<order/>".getBytes(StandardCharsets.UTF_8));
            event.putUserProperty("CE_specversion", "1.0");
            event.putUserProperty("CE_id", "A-1");
            event.putUserProperty("CE_type", "com.example.ordered");
            event.putUserProperty("CE_source", "/shop?a=100%");
            event.putUserProperty("CE_contenttype", "application/xml");
            carrier.client().put(event);

            Message message = arrived.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);

            assertThat(message).isNotNull();
            assertThat(message.type()).isEqualTo("com.example.ordered");
            assertThat(message.bizId().value()).isEqualTo("A-1");
            assertThat(message.source()).isEqualTo("/shop?a=100%");
            assertThat(message.contentType()).isEqualTo("application/xml");
            assertThat(message.headers()).isEmpty();
            assertThat(message.payload().asUtf8()).isEqualTo("<order/>");
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }
    }

    @Test
    void aDeadLetterThatCannotBeKeptIsNotAcknowledgedUntilItCan() {
        String topic = carrier.newChannel();
        String dead = "dead-" + UUID.randomUUID();
        carrier.client().put(topic, "no event");
        try (RocketMqReceiver receiver = receiver(topic)
                .to(message -> new Answer.Handled())
                .deadLetters(dead)
                .open()) {
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);
            await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);

            carrier.client().create(dead, 1);

            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
            assertThat(carrier.client().read(dead)).singleElement().satisfies(letter -> {
                assertThat(letter.getBody()).asString().isEqualTo("no event");
                assertThat(letter.getProperty("bida-reason")).startsWith("It is no CloudEvent");
            });
        }
    }

    /** What a relay does: returns when this message of every key is accepted. */
    private static void ship(Sender sender, int round) {
        String bizId = String.valueOf(round);
        List<Message> messages = IntStream.range(0, KEYS)
                .mapToObj(key -> Message.to("orders.placed")
                        .type("OrderPlaced")
                        .bizId(bizId)
                        .orderingKey("key-" + key)
                        .payload(bizId)
                        .build())
                .toList();
        while (!messages.isEmpty()) {
            messages = refused(sender, messages);
        }
    }

    private static List<Message> refused(Sender sender, List<Message> messages) {
        List<Receipt> receipts = sender.send(messages).stream()
                .map(stage -> stage.toCompletableFuture().join())
                .toList();
        return IntStream.range(0, messages.size())
                .filter(i -> !(receipts.get(i) instanceof Receipt.Accepted))
                .mapToObj(messages::get)
                .toList();
    }

    private RocketMqReceiver.Builder receiver(String topic) {
        return RocketMqReceiver.from(carrier.broker().nameServer())
                .user(carrier.broker().user(), carrier.broker().password())
                .topic(topic)
                .group("stock");
    }

    /** Of all members, as an inbox sees them. */
    private static final class FirstArrivals {

        private final Set<String> arrived = new LinkedHashSet<>();

        synchronized Answer take(Message message) {
            String one = message.orderingKey() + " " + message.bizId().value();
            arrived.add(one);
            return new Answer.Handled();
        }

        synchronized int size() {
            return arrived.size();
        }

        synchronized List<String> of(String key) {
            return arrived.stream()
                    .filter(one -> one.startsWith(key + " "))
                    .map(one -> one.substring(key.length() + 1))
                    .toList();
        }
    }
}
