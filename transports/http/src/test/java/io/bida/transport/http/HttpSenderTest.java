package io.bida.transport.http;

import static io.bida.transport.http.Sending.MESSAGE;
import static io.bida.transport.http.Sending.receipt;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.message.Payload;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the JDK's server, which knows nothing of Bida. */
@Timeout(60)
class HttpSenderTest {

    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private interface Answering {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile Answering answering = exchange -> answer(exchange, 200, "");
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answering.answer(exchange);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void aServerWithoutBidaSeesExactlyTheContractsHeaders() {
        CompletableFuture<Headers> seen = new CompletableFuture<>();
        AtomicReference<String> request = new AtomicReference<>();
        AtomicReference<String> body = new AtomicReference<>();
        answering = exchange -> {
            seen.complete(exchange.getRequestHeaders());
            request.set(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            body.set(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            answer(exchange, 200, "");
        };
        Message message = Message.to("orders.paid")
                .id(MessageId.parse("01890a5d-ac96-774b-bcce-b302099a8057"))
                .type("Order Paid")
                .scene("支付")
                .bizId("order \"42\" 100%")
                .orderingKey("customer\r\n7")
                .source("/orders")
                .contentType("text/plain; charset=utf-8")
                .headers(Map.of(
                        "Tenant", "Müller",
                        "TraceParent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                        "tracestate", "rojo=00f067aa0ba902b7, congo=50%"))
                .payload("hé")
                .createdAt(Instant.parse("2026-11-01T11:22:33.123456Z"))
                .build();

        try (HttpSender sender = sender().open()) {
            assertThat(receipt(sender, message)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }

        Map<String, String> expected = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        expected.putAll(Map.of(
                "ce-specversion", "1.0",
                "ce-id", "01890a5d-ac96-774b-bcce-b302099a8057",
                "ce-type", "Order%20Paid",
                "ce-source", "/orders",
                "ce-time", "2026-11-01T11:22:33.123456Z",
                "ce-bizid", "order%20%2242%22%20100%25",
                "ce-scene", "%E6%94%AF%E4%BB%98",
                "ce-topic", "orders.paid",
                "ce-partitionkey", "customer%0D%0A7",
                "content-type", "text/plain; charset=utf-8"));
        expected.putAll(Map.of(
                "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "tracestate", "rojo=00f067aa0ba902b7, congo=50%",
                "bida-h-Tenant", "M%C3%BCller",
                "content-length", "3",
                "host", "127.0.0.1:" + server.getAddress().getPort()));
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        seen.join().forEach((name, values) -> headers.put(name, String.join("|", values)));
        headers.keySet().removeAll(Set.of("User-agent", "Connection"));
        assertThat(headers).isEqualTo(expected);
        assertThat(request.get()).isEqualTo("POST /events");
        assertThat(body.get()).isEqualTo("hé");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299, 409})
    void everyTwoHundredAndAlreadyThereAreAccepted(int status) {
        assertThat(receiptOf(status, "")).isEqualTo(new Receipt.Accepted("HTTP " + status));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413, 415, 422})
    void aMessageThatCanNeverBeTakenIsRejected(int status) {
        assertThat(receiptOf(status, "no\r\n such\u0000 order"))
                .isEqualTo(new Receipt.Rejected(destination() + " answered " + status + ": no such order"));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 408, 410, 429, 451, 500, 501, 502, 503, 504,
                599
            })
    void everyOtherStatusFails(int status) {
        assertThat(receiptOf(status, "")).isEqualTo(new Receipt.Failed(destination() + " answered " + status));
    }

    @Test
    void aLongAnswerIsShownInExcerptAndDoesNotFillMemory() {
        Receipt receipt = receiptOf(500, "x".repeat(5_000_000));
        assertThat(((Receipt.Failed) receipt).reason()).hasSizeLessThan(280).endsWith("xxx...");
    }

    @Test
    void aLongAnswerOfAcceptanceIsAccepted() {
        assertThat(receiptOf(200, "x".repeat(5_000_000))).isEqualTo(new Receipt.Accepted("HTTP 200"));
    }

    @Test
    void anAnswerWhoseContentTypeIsNonsenseCountsByItsStatus() {
        answering = exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain;charset=no-such-charset;;=");
            answer(exchange, 200, "ok");
        };
        try (HttpSender sender = sender().open()) {
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }
    }

    @Test
    void retryAfterIsHonouredInBothFormsFor429And503Only() {
        assertThat(retryAfter(429, "7")).isEqualTo(Duration.ofSeconds(7));
        assertThat(retryAfter(503, "Sun, 01 Nov 2026 12:01:30 GMT")).isEqualTo(Duration.ofSeconds(90));
        assertThat(retryAfter(503, "Sun, 01 Nov 2026 11:00:00 GMT")).isEqualTo(Duration.ZERO);
        assertThat(retryAfter(503, "later")).isNull();
        assertThat(retryAfter(503, "99999999999999999999")).isNull();
        assertThat(retryAfter(500, "7")).isNull();
    }

    @Test
    void aRedirectIsNotFollowed() {
        AtomicInteger requests = new AtomicInteger();
        answering = exchange -> {
            requests.incrementAndGet();
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            answer(exchange, 307, "");
        };
        try (HttpSender sender = sender().open()) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void aFailureIsNotRetriedByTheClient() {
        AtomicInteger requests = new AtomicInteger();
        answering = exchange -> {
            requests.incrementAndGet();
            exchange.getResponseHeaders().set("Retry-After", "0");
            answer(exchange, 503, "");
        };
        try (HttpSender sender = sender().open()) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void theSignatureIsTheOneAnyoneComputesFromTheSpecification() throws Exception {
        CompletableFuture<Headers> seen = new CompletableFuture<>();
        answering = exchange -> {
            seen.complete(exchange.getRequestHeaders());
            answer(exchange, 200, "");
        };
        byte[] key = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
        String secret = "whsec_" + Base64.getEncoder().encodeToString(key);
        try (HttpSender sender = sender().secret(secret).open()) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Accepted.class);
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        byte[] signature = mac.doFinal((MESSAGE.id() + "." + NOW.getEpochSecond() + ".{}").getBytes(UTF_8));
        assertThat(seen.join().getFirst("webhook-id")).isEqualTo(MESSAGE.id().toString());
        assertThat(seen.join().getFirst("webhook-timestamp")).isEqualTo("" + NOW.getEpochSecond());
        assertThat(seen.join().getFirst("webhook-signature"))
                .isEqualTo("v1," + Base64.getEncoder().encodeToString(signature));
    }

    @Test
    void aThousandMessagesOverThirtyTwoConnectionsAreAllAnswered() {
        Set<String> connections = ConcurrentHashMap.newKeySet();
        answering = exchange -> {
            connections.add(exchange.getRemoteAddress().toString());
            exchange.getRequestBody().readAllBytes();
            answer(exchange, 200, "ok");
        };
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            messages.add(Message.to("t").type("T").bizId("b" + i).payload("{}").build());
        }
        try (HttpSender sender = sender().connections(32).open()) {
            List<CompletionStage<Receipt>> stages = sender.send(messages);
            assertThat(stages)
                    .hasSize(1000)
                    .allSatisfy(stage -> assertThat(Sending.await(stage)).isEqualTo(new Receipt.Accepted("HTTP 200")));
        }
        assertThat(connections).hasSizeLessThanOrEqualTo(32);
    }

    @Test
    void closingCompletesWhatIsUnderWayAsUnknown() throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        answering = exchange -> {
            arrived.countDown();
            awaitQuietly(end);
        };
        HttpSender sender = sender().open();
        CompletionStage<Receipt> underWay = sender.send(List.of(MESSAGE)).get(0);
        arrived.await();
        sender.close();
        assertThat(Sending.await(underWay)).isInstanceOf(Receipt.Unknown.class);
        assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        end.countDown();
    }

    @Test
    void fixedHeadersGoWithEachRequestAndTheUrlsQueryIsKeptButNeverShown() {
        AtomicReference<String> seen = new AtomicReference<>();
        answering = exchange -> {
            seen.set(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, 500, "");
        };
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/a%20b?token=t");
        try (HttpSender sender =
                HttpSender.to(url).headers(Map.of("Authorization", "Bearer x")).open()) {
            assertThat(receipt(sender, MESSAGE).toString())
                    .doesNotContain("token")
                    .doesNotContain("Bearer");
        }
        assertThat(seen.get()).isEqualTo("/a%20b?token=t Bearer x");
    }

    @Test
    void theFactoryIsFoundByItsTypeAndOpensASender() {
        SenderFactory factory = ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(found -> found.type().equals("http"))
                .findFirst()
                .orElseThrow();
        assertThat(factory.options()).contains("url", "timeout", "secret", "connections", "headers");
        Map<String, Object> options =
                Map.of("url", "http://" + destination() + "/events", "timeout", "2s", "connections", 4);
        try (Sender sender = factory.create(new TransportSettings("web", options))) {
            assertThat(Sending.await(sender.send(List.of(MESSAGE)).get(0))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void wrongSettingsAreRefusedWithTheirPlace() {
        refused("transports.web", Map.of("url", "ftp://x/y"));
        refused("transports.web.url", Map.of());
        refused("transports.web.url", Map.of("url", "http://a b"));
        refused("transports.web", Map.of("url", "http://user:pw@x/"));
        refused("transports.web", Map.of("url", "http://x/", "secret", "whsec_?"));
        refused("transports.web", Map.of("url", "http://x/", "headers", Map.of("ce-id", "1")));
        refused("transports.web.headers", Map.of("url", "http://x/", "headers", "a"));
        refused("transports.web.connections", Map.of("url", "http://x/", "connections", 0));
    }

    @Test
    void anEmptyPayloadAndAMissingSourceAreSent() {
        AtomicReference<String> seen = new AtomicReference<>();
        answering = exchange -> {
            seen.set(exchange.getRequestHeaders().getFirst("ce-source")
                    + exchange.getRequestBody().readAllBytes().length);
            answer(exchange, 200, "");
        };
        Message message =
                Message.to("t").type("T").bizId("b").payload(Payload.EMPTY).build();
        try (HttpSender sender = sender().open()) {
            assertThat(receipt(sender, message)).isInstanceOf(Receipt.Accepted.class);
        }
        assertThat(seen.get()).isEqualTo("bida0");
    }

    private static void refused(String place, Map<String, Object> options) {
        assertThatThrownBy(() -> new HttpSenderFactory().create(new TransportSettings("web", options)))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith(place)
                .hasMessageNotContaining("pw");
    }

    private HttpSender.Builder sender() {
        return Sending.builder(server.getAddress().getPort()).clock(InstantSource.fixed(NOW));
    }

    private String destination() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private Receipt receiptOf(int status, String body) {
        answering = exchange -> answer(exchange, status, body);
        try (HttpSender sender = sender().open()) {
            return receipt(sender, MESSAGE);
        }
    }

    private @Nullable Duration retryAfter(int status, String value) {
        answering = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", value);
            answer(exchange, status, "");
        };
        try (HttpSender sender = sender().open()) {
            return ((Receipt.Failed) receipt(sender, MESSAGE)).retryAfter();
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
