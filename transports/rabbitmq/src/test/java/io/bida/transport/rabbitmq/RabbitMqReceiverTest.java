package io.bida.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.GetResponse;
import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RabbitMqReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Queue<Message> arrivals = new ConcurrentLinkedQueue<>();

    @Test
    void anEventOfAnotherProducerIsRead() {
        Broker.declare("foreign", Map.of());
        Broker.put(
                "foreign",
                new BasicProperties.Builder()
                        .contentType("text/plain")
                        .headers(Map.of(
                                "cloudEvents:specversion", "1.0",
                                "cloudEvents:id", "A-1",
                                "cloudEvents:source", "/shop",
                                "cloudEvents:type", "Sold",
                                "cloudEvents:subject", "shoes",
                                "x-tries", 3))
                        .build(),
                "two shoes");

        try (RabbitMqReceiver receiver = receiver("foreign", this::arrived).open()) {
            await().atMost(PATIENCE).until(() -> arrivals.size() == 1);
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }

        Message message = arrivals.element();
        assertThat(message.type()).isEqualTo("Sold");
        assertThat(message.bizId().value()).isEqualTo("A-1");
        assertThat(message.source()).isEqualTo("/shop");
        assertThat(message.contentType()).isEqualTo("text/plain");
        assertThat(message.headers()).containsEntry("cloudEvents_subject", "shoes");
        assertThat(message.payload().asUtf8()).isEqualTo("two shoes");
        assertThat(Broker.messages("foreign")).isEmpty();
    }

    @Test
    void aDeadLetterIsKeptWithItsReasonAsItCame() {
        Broker.declare("letters", Map.of());
        Broker.declare("letters.dead", Map.of());
        Broker.put(
                "letters",
                new BasicProperties.Builder()
                        .contentType("text/plain")
                        .expiration("600000")
                        .headers(Map.of("colour", "red"))
                        .build(),
                "no event");

        try (RabbitMqReceiver receiver = receiver("letters", this::arrived).open()) {
            await().atMost(PATIENCE)
                    .until(() -> !Broker.messages("letters.dead").isEmpty() && receiver.unacknowledged() == 0);
        }

        GetResponse kept = Broker.messages("letters.dead").get(0);
        assertThat(new String(kept.getBody(), StandardCharsets.UTF_8)).isEqualTo("no event");
        assertThat(kept.getProps().getContentType()).isEqualTo("text/plain");
        assertThat(kept.getProps().getExpiration()).isNull();
        assertThat(kept.getProps().getHeaders())
                .hasEntrySatisfying("colour", colour -> assertThat(colour).hasToString("red"));
        assertThat(kept.getProps().getHeaders())
                .hasEntrySatisfying(
                        "bida-reason", reason -> assertThat(reason).asString().contains("It is no event"));
    }

    @Test
    void aDeadLetterThatCannotBeKeptStaysUntilItCan() {
        Broker.declare("homeless", Map.of());
        Broker.put("homeless", new BasicProperties(), "no event");

        try (RabbitMqReceiver receiver =
                receiver("homeless", this::arrived).deadLetters("home").open()) {
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);
            await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> receiver.unacknowledged() == 1);
            Broker.declare("home", Map.of());
            await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        }

        assertThat(Broker.messages("home")).hasSize(1);
        assertThat(Broker.messages("homeless")).isEmpty();
    }

    @Test
    void aQueueThatIsNotThereIsWaitedForAndOneThatIsDeletedToo() {
        try (RabbitMqReceiver receiver = receiver("awaited", this::arrived).open()) {
            for (int round = 1; round <= 2; round++) {
                // A quorum queue of 3.10 that is declared again at once may keep the consumer and deliver nothing.
                Broker.declare("awaited", Map.of("x-queue-type", "classic"));
                Broker.put("awaited", event("A-" + round), "payload");
                int expected = round;
                await().atMost(PATIENCE).until(() -> handled().size() == expected && receiver.unacknowledged() == 0);
                Broker.run(channel -> channel.queueDelete("awaited"));
            }
        }
        assertThat(handled()).containsExactly("A-1", "A-2");
    }

    /** Each once: what comes twice is the inbox's affair. */
    private List<String> handled() {
        return arrivals.stream()
                .map(message -> message.bizId().value())
                .distinct()
                .toList();
    }

    private Answer arrived(Message message) {
        arrivals.add(message);
        return new Answer.Handled();
    }

    private static BasicProperties event(String id) {
        return new BasicProperties.Builder()
                .headers(Map.of(
                        "cloudEvents_specversion", "1.0",
                        "cloudEvents_id", id,
                        "cloudEvents_source", "/shop",
                        "cloudEvents_type", "Sold"))
                .build();
    }

    private static RabbitMqReceiver.Builder receiver(String queue, Intake intake) {
        return RabbitMqReceiver.from(Broker.server().url())
                .user(Broker.server().user())
                .password(Broker.server().password())
                .queue(queue)
                .to(intake);
    }
}
