package io.bida.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.testkit.BrokerServer;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Receiver;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What a transport holds over TLS, with a server that takes nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
public abstract class TlsContract {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CHANNEL = "secure";

    private final BrokerServer server;

    /** @param server closed in the end */
    protected TlsContract(BrokerServer server) {
        this.server = server;
    }

    /** Begins to receive what is sent by these settings. */
    protected abstract Receiver receive(Map<String, Object> settings, Intake intake);

    /** What a receipt says when the client does not trust the server, as a regular expression. */
    protected String distrust() {
        return "(?i)certif|handshake|PKIX";
    }

    @AfterAll
    void closeServer() {
        server.close();
    }

    @Test
    void aMessageArrivesAsItWasSent() {
        Message message = message("secret");
        List<Message> arrived = new CopyOnWriteArrayList<>();
        Map<String, Object> settings = server.settings(CHANNEL);
        try (Receiver receiver = receive(settings, each -> {
                    arrived.add(each);
                    return new Answer.Handled();
                });
                Sender sender = Senders.create(server.type(), settings)) {
            new Shipping(sender).ship(List.of(message));

            await().atMost(PATIENCE).until(() -> !arrived.isEmpty());
        }
        assertThat(arrived.get(0)).isEqualTo(message);
    }

    @Test
    void aServerThatIsNotTrustedIsSentNothingAndTheReasonIsTold() {
        try (Sender sender = Senders.create(server.type(), withoutTrust(server.settings(CHANNEL)))) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                List<Receipt> receipts = new Shipping(sender).send(List.of(message("unseen")));
                assertThat(receipts).singleElement().isInstanceOfSatisfying(Receipt.Failed.class, failed -> {
                    assertThat(failed.unavailable()).isTrue();
                    assertThat(failed.reason()).containsPattern(distrust());
                });
            });
        }
    }

    /** Trust stands in properties, or in parameters of the URL. */
    private static Map<String, Object> withoutTrust(Map<String, Object> settings) {
        Map<String, Object> less = new HashMap<>(settings);
        less.computeIfPresent("properties", (name, given) -> {
            Map<String, String> kept = BrokerServer.properties(settings);
            kept.keySet().removeIf(each -> each.toLowerCase(Locale.ROOT).contains("trust"));
            return kept;
        });
        less.computeIfPresent("url", (name, url) -> String.valueOf(url).replaceAll(";trustStore[^;]*", ""));
        return less;
    }

    private static Message message(String bizId) {
        return Message.to("orders.placed")
                .type("OrderPlaced")
                .source("/orders")
                .bizId(bizId)
                .payload("{}")
                .build();
    }
}
