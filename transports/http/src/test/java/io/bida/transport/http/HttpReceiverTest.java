package io.bida.transport.http;

import static io.bida.transport.http.Sending.MESSAGE;
import static io.bida.transport.http.Sending.receipt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Answer;
import io.bida.transport.Receipt;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The receiver, asked by the sender and by the JDK's client, which knows nothing of Bida. */
@Timeout(60)
class HttpReceiverTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private final Queue<Message> received = new ConcurrentLinkedQueue<>();
    private volatile Answer answer = new Answer.Handled();
    private final HttpReceiver receiver = HttpReceiver.to(this::receive).open();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void everyPartOfTheMessageArrivesAsItWasSent() {
        byte[] mebibyte = new byte[1024 * 1024];
        new Random(7).nextBytes(mebibyte);
        for (Payload payload : List.of(Payload.EMPTY, Payload.utf8("{\"total\":\"100 €\"}"), Payload.wrap(mebibyte))) {
            Message message = Message.to("bestellung.bezahlt.ü")
                    .type("Größe \"XL\" 100% \u0001\r\n")
                    .scene(" 支付 ")
                    .bizId("订单-42😀")
                    .orderingKey("kunde\t7")
                    .source("läden/1")
                    .contentType("application/vnd.x+json; charset=\"utf-8\"")
                    .headers(Map.of(
                            "Tenant", " Müller & Söhne ",
                            "empty", "",
                            "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "tracestate", "a=1%2, b=2"))
                    .payload(payload)
                    .createdAt(Instant.parse("2026-11-01T11:22:33.123456Z"))
                    .build();
            try (HttpSender sender = Sending.to(receiver.port())) {
                assertThat(receipt(sender, message)).isEqualTo(new Receipt.Accepted("HTTP 200"));
            }
            assertThat(received.remove()).isEqualTo(message);
        }
    }

    @Test
    void anEnvelopeOfTheLongestAttributesFits() {
        Message message = Message.to("\u0800😀".repeat(100))
                .type("😀".repeat(200))
                .bizId("😀".repeat(128))
                .orderingKey("😀".repeat(128))
                .source("😀".repeat(200))
                .payload("{}")
                .build();
        try (HttpSender sender = Sending.to(receiver.port())) {
            assertThat(receipt(sender, message)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }
        assertThat(received.remove()).isEqualTo(message);
    }

    @Test
    void eachAnswerHasItsStatusAndItsReceipt() {
        try (HttpSender sender = Sending.to(receiver.port())) {
            answer = new Answer.Duplicate();
            assertThat(post(event()).body()).isEqualTo("duplicate");
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Accepted("HTTP 200"));
            answer = new Answer.Conflict("another payload");
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Rejected(said(422, "another payload")));
            answer = new Answer.Rejected("no such order");
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Rejected(said(422, "no such order")));
            answer = new Answer.Retry("busy");
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Failed(said(503, "busy")));
            answer = new Answer.Retry("busy", Duration.ofMillis(2500));
            assertThat(receipt(sender, MESSAGE))
                    .isEqualTo(new Receipt.Failed(said(503, "busy"), Duration.ofSeconds(3)));
        }
    }

    @Test
    void anIntakeThatThrowsIsA500WithoutItsInsides() {
        try (HttpReceiver broken = HttpReceiver.to(message -> {
                    throw new IllegalStateException("password=hunter2");
                })
                .open()) {
            HttpResponse<String> response = post(broken.port(), event(), BodyPublishers.ofString("{}"));
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).contains("was not handled").doesNotContain("hunter2", "Exception", "\tat ");
        }
    }

    @Test
    void aWrongRequestIsRefusedWithItsReason() {
        assertThat(post(HttpRequest.newBuilder(uri("/events"))).statusCode()).isEqualTo(400);
        assertThat(post(HttpRequest.newBuilder(uri("/events"))).body())
                .isEqualTo("The header ce-specversion is missing.");
        assertThat(post(event().setHeader("ce-time", "soon")).body()).contains("ce-time");
        assertThat(post(event().setHeader("content-type", "application/cloudevents+json; charset=utf-8"))
                        .statusCode())
                .isEqualTo(415);
        assertThat(post(HttpRequest.newBuilder(uri("/other"))).statusCode()).isEqualTo(404);
        assertThat(send(event().GET()).statusCode()).isEqualTo(405);
        assertThat(send(event().GET()).headers().firstValue("allow")).hasValue("POST");
        assertThat(received).isEmpty();
    }

    @Test
    void aPayloadOverTheLimitIsRefusedHoweverItIsSent() {
        try (HttpReceiver small = HttpReceiver.to(this::receive).maxPayload(10).open()) {
            assertThat(post(small.port(), event(), BodyPublishers.ofString("0123456789"))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(post(small.port(), event(), BodyPublishers.ofString("0123456789x"))
                            .statusCode())
                    .isEqualTo(413);
            BodyPublisher chunked = BodyPublishers.fromPublisher(BodyPublishers.ofString("0123456789x"));
            assertThat(post(small.port(), event(), chunked).statusCode()).isEqualTo(413);
        }
        assertThat(received).hasSize(1);
    }

    @Test
    void onlySignedRequestsAreTakenWhereASecretIsSet() {
        HttpReceiver.Builder guarded = HttpReceiver.to(this::receive).secret(SECRET);
        try (HttpReceiver signed = guarded.clock(InstantSource.fixed(NOW)).open()) {
            assertThat(post(signed.port(), event(), BodyPublishers.ofString("{}"))
                            .statusCode())
                    .isEqualTo(401);
            assertThat(sendSigned(signed.port(), SECRET, NOW)).isInstanceOf(Receipt.Accepted.class);
            assertThat(sendSigned(signed.port(), SECRET, NOW.minusSeconds(301)).toString())
                    .contains("401", "webhook-timestamp");
            assertThat(sendSigned(signed.port(), "whsec_AAAA", NOW).toString()).contains("401", "webhook-signature");
        }
        assertThat(received).hasSize(1);
    }

    @Test
    void clearTextHttp2IsTakenToo() {
        HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        // The upgrade rides on a request without a body; what follows uses the upgraded connection.
        http2.sendAsync(event().GET().build(), BodyHandlers.ofString()).join();
        for (int i = 0; i < 3; i++) {
            HttpRequest request = event().POST(BodyPublishers.ofString("{}")).build();
            HttpResponse<String> response =
                    http2.sendAsync(request, BodyHandlers.ofString()).join();
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.body()).isEqualTo("handled");
        }
        assertThat(received).hasSize(3);
    }

    @Test
    void aTakenPortIsNamed() {
        assertThatThrownBy(() ->
                        HttpReceiver.to(this::receive).port(receiver.port()).open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("Port " + receiver.port());
    }

    @Test
    void closingFinishesWhatIsUnderWay() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HttpReceiver slow = HttpReceiver.to(message -> {
                    arrived.countDown();
                    awaitQuietly(go);
                    return new Answer.Handled();
                })
                .open();
        try (HttpSender sender = Sending.to(slow.port())) {
            CompletionStage<Receipt> underWay = sender.send(List.of(MESSAGE)).get(0);
            arrived.await();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(slow::close);
            // Longer than Jetty's idle time of connections while it stops: an intake at work is not idle.
            assertThatThrownBy(() -> closing.get(1500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            go.countDown();
            assertThat(Sending.await(underWay)).isEqualTo(new Receipt.Accepted("HTTP 200"));
            closing.join();
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
    }

    @Test
    void closingIsBoundedWhenTheIntakeHangs() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        HttpReceiver hanging = HttpReceiver.to(message -> {
                    arrived.countDown();
                    awaitQuietly(new CountDownLatch(1));
                    return new Answer.Handled();
                })
                .closeWithin(Duration.ofMillis(300))
                .open();
        try (HttpSender sender = Sending.to(hanging.port())) {
            CompletionStage<Receipt> underWay = sender.send(List.of(MESSAGE)).get(0);
            arrived.await();
            hanging.close();
            assertThat(Sending.await(underWay)).isNotInstanceOf(Receipt.Accepted.class);
        }
    }

    private Answer receive(Message message) {
        received.add(message);
        return answer;
    }

    private Receipt sendSigned(int port, String secret, Instant time) {
        try (HttpSender sender = Sending.builder(port)
                .secret(secret)
                .clock(InstantSource.fixed(time))
                .open()) {
            return receipt(sender, MESSAGE);
        }
    }

    private String said(int status, String reason) {
        return "127.0.0.1:" + receiver.port() + " answered " + status + ": " + reason;
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + receiver.port() + path);
    }

    private HttpRequest.Builder event() {
        return HttpRequest.newBuilder(uri("/events"))
                .setHeader("ce-specversion", "1.0")
                .setHeader("ce-id", "1")
                .setHeader("ce-type", "T")
                .setHeader("ce-source", "/s");
    }

    private HttpResponse<String> post(HttpRequest.Builder request) {
        return send(request.POST(BodyPublishers.ofString("{}")));
    }

    private HttpResponse<String> post(int port, HttpRequest.Builder request, BodyPublisher body) {
        return send(
                request.uri(URI.create("http://127.0.0.1:" + port + "/events")).POST(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
