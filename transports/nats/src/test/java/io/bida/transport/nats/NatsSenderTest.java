package io.bida.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Way;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class NatsSenderTest {

    private final NatsCarrier nats = new NatsCarrier();
    private final List<Sender> opened = new ArrayList<>();

    @AfterEach
    void closeSenders() {
        opened.forEach(Sender::close);
        opened.clear();
    }

    @AfterAll
    void closeCarrier() {
        nats.close();
    }

    @Test
    void aForeignClientSeesACloudEvent() {
        String channel = nats.newChannel();
        Message message = Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("order 42")
                .orderingKey("customer-7")
                .source("/shop")
                .contentType("application/json")
                .headers(Map.of(
                        "tenant",
                        "M\u00fcller",
                        "traceparent",
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
                .payload("{}")
                .createdAt(Instant.parse("2026-11-01T12:00:00Z"))
                .build();

        assertThat(receipt(sender(channel), message))
                .isEqualTo(new Receipt.Accepted("stream " + NatsCarrier.streamOf(channel) + ", sequence 1"));

        Headers headers = first(channel).getHeaders();
        assertThat(headers.getFirst("ce-specversion")).isEqualTo("1.0");
        assertThat(headers.getFirst("ce-id")).isEqualTo(message.id().toString());
        assertThat(headers.getFirst("ce-type")).isEqualTo("OrderPaid");
        assertThat(headers.getFirst("ce-source")).isEqualTo("/shop");
        assertThat(headers.getFirst("ce-time")).isEqualTo("2026-11-01T12:00:00Z");
        assertThat(headers.getFirst("ce-bizid")).isEqualTo("order%2042");
        assertThat(headers.getFirst("ce-partitionkey")).isEqualTo("customer-7");
        assertThat(headers.getFirst("bida-h-tenant")).isEqualTo("M%C3%BCller");
        assertThat(headers.getFirst("traceparent")).startsWith("00-4bf9");
        assertThat(headers.getFirst("Content-Type")).isEqualTo("application/json");
        assertThat(headers.getFirst("Nats-Msg-Id")).isEqualTo(message.id().toString());
    }

    @Test
    void withoutASubjectAMessageGoesToItsTopic() {
        String topic = nats.newChannel();
        Sender sender = sender(without("subject", nats.settings(Way.STRAIGHT, topic)));

        assertThat(receipt(sender, message(topic, "a"))).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipt(sender, message("no stream has this", "b"))).isInstanceOf(Receipt.Rejected.class);
        assertThat(receipt(sender, message("orders.*", "c"))).isInstanceOf(Receipt.Rejected.class);
        assertThat(receipt(sender, message("$JS.API.STREAM.DELETE." + NatsCarrier.streamOf(topic), "d")))
                .isInstanceOf(Receipt.Rejected.class);
        assertThat(first(topic).getHeaders().getFirst("ce-bizid")).isEqualTo("a");
    }

    @Test
    void aSubjectThatNoStreamTakesAcceptsNothing() {
        assertThat(receipt(sender("nobody.listens"), message("orders", "a")))
                .isEqualTo(new Receipt.Failed("No stream takes the subject nobody.listens."));
    }

    @Test
    void aStreamIsCreatedWhenTheSettingsSaySo() {
        Map<String, Object> settings = new HashMap<>(nats.settings(Way.STRAIGHT, "created.here"));
        settings.put("create", true);
        Sender sender = sender(settings);

        await().until(() -> receipt(sender, message("orders", "a")) instanceof Receipt.Accepted);

        assertThat(first("created.here").getHeaders().getFirst("ce-bizid")).isEqualTo("a");
    }

    @Test
    void aFullStreamAcceptsAgainWhenItHasRoom() {
        nats.stream("full", stream -> stream.maxMessages(1).discardPolicy(DiscardPolicy.New));
        Sender sender = sender("full");
        assertThat(receipt(sender, message("orders", "a"))).isInstanceOf(Receipt.Accepted.class);

        assertThat(receipt(sender, message("orders", "b")))
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.reason()).contains("maximum messages exceeded"));

        nats.with(connection -> connection.jetStreamManagement().purgeStream("full"));
        assertThat(receipt(sender, message("orders", "c"))).isInstanceOf(Receipt.Accepted.class);
    }

    @Test
    void whatIsLargerThanTheStreamTakesIsRejected() {
        nats.stream("small", stream -> stream.maximumMessageSize(2_000));

        assertThat(receipt(sender("small"), message("x".repeat(200), "a"))).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipt(
                        sender("small"),
                        Message.to("orders")
                                .type("Test")
                                .bizId("b")
                                .payload("x".repeat(3_000))
                                .build()))
                .isInstanceOf(Receipt.Rejected.class);
    }

    @Test
    void aMessageThatTheStreamHasIsAcceptedOnceMore() {
        String channel = nats.newChannel();
        Message message = message("orders", "a");
        assertThat(receipt(sender(channel), message)).isInstanceOf(Receipt.Accepted.class);

        assertThat(receipt(sender(channel), message))
                .isEqualTo(
                        new Receipt.Accepted("stream " + NatsCarrier.streamOf(channel) + ", sequence 1, which it had"));
    }

    @Test
    void aSubjectThatTheUserMayNotPublishToFailsWithoutWaiting() {
        nats.stream("private.orders", stream -> {});
        Map<String, Object> settings = new HashMap<>(nats.settings(Way.STRAIGHT, "private.orders"));
        settings.put("user", nats.broker().guest());
        settings.put("timeout", "50s");

        assertThat(receipt(sender(settings), message("orders", "a")))
                .isEqualTo(new Receipt.Failed("The user may not publish to the subject private.orders."));
    }

    @Test
    void aServerThatIsDownIsUnavailableAndTheReasonIsTold() {
        Map<String, Object> settings = new HashMap<>(nats.settings(Way.PROXIED, nats.newChannel()));
        nats.proxy().refuse();
        Sender sender = sender(settings);
        await().untilAsserted(() -> assertThat(now(sender, message("orders", "a")))
                .isInstanceOfSatisfying(Receipt.Failed.class, failed -> {
                    assertThat(failed.unavailable()).isTrue();
                    assertThat(failed.reason()).contains("no server can be reached");
                }));

        nats.proxy().heal();

        assertThat(receipt(sender, message("orders", "b"))).isInstanceOf(Receipt.Accepted.class);
    }

    @Test
    void aWrongPasswordIsTheReason() {
        Sender sender = sender(nats.settingsWithWrongPassword(nats.newChannel()).orElseThrow());

        await().untilAsserted(() -> assertThat(now(sender, message("orders", "a")))
                .isInstanceOfSatisfying(
                        Receipt.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("the server refuses the user, the password or the token")));
    }

    @Test
    void settingsThatAreWrongAreNamed() {
        assertThatThrownBy(() -> sender(Map.of()))
                .isInstanceOf(BidaException.class)
                .hasMessage("transports.nats.url is missing.");
        assertThatThrownBy(() -> sender(Map.of("url", "nats://127.0.0.1:1", "subject", "orders.>")))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.nats.subject: ");
        assertThatThrownBy(() -> sender(Map.of("url", "nats://user:secret@:::1")))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.nats.url: ")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> sender(Map.of("url", "nats://127.0.0.1:1", "create", "perhaps")))
                .isInstanceOf(BidaException.class)
                .hasMessage("transports.nats.create: 'perhaps' is neither true nor false.");
        assertThatThrownBy(() -> sender(Map.of("url", "nats://127.0.0.1:1", "properties", "x")))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.nats.properties is no map");
    }

    private MessageInfo first(String channel) {
        return nats.with(connection -> connection.jetStreamManagement().getMessage(NatsCarrier.streamOf(channel), 1));
    }

    private Sender sender(String channel) {
        return sender(nats.settings(Way.STRAIGHT, channel));
    }

    private Sender sender(Map<String, Object> settings) {
        Sender sender = new NatsSenderFactory().create(new TransportSettings("nats", settings));
        opened.add(sender);
        return sender;
    }

    /** As soon as it is connected. */
    private static Receipt receipt(Sender sender, Message message) {
        AtomicReference<Receipt> receipt = new AtomicReference<>(new Receipt.Unknown("not sent yet"));
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    receipt.set(now(sender, message));
                    return !(receipt.get() instanceof Receipt.Failed failed && failed.unavailable());
                });
        return Objects.requireNonNull(receipt.get());
    }

    private static Receipt now(Sender sender, Message message) {
        return sender.send(List.of(message)).get(0).toCompletableFuture().join();
    }

    private static Message message(String topic, String bizId) {
        return Message.to(topic).type("Test").bizId(bizId).payload("{}").build();
    }

    private static Map<String, Object> without(String key, Map<String, Object> settings) {
        Map<String, Object> fewer = new HashMap<>(settings);
        fewer.remove(key);
        return fewer;
    }
}
