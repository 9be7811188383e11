package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.compatibility.PlainReceiver.Arrival;
import io.bida.compatibility.PlainReceiver.Reply;
import io.bida.message.MessageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A producer that knows SQL only, a relay in a process of its own, a receiver that knows HTTP only. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
class SqlProducerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What HTTP itself needs. */
    private static final Set<String> OF_HTTP = Set.of("host", "connection", "content-length", "user-agent");

    @TempDir
    private Path folder = Path.of("");

    private final PlainReceiver receiver = new PlainReceiver();
    private final Schema schema;
    private final boolean postgresql;
    private Path config = Path.of("");

    SqlProducerTest(Store store) {
        schema = new Schema(store);
        postgresql = store == Store.POSTGRESQL;
    }

    @BeforeEach
    void writeConfiguration() throws IOException {
        config = Files.writeString(
                folder.resolve("relay.yaml"),
                "name: sql-relay\n" + ChildRelay.database(schema.database) + receiver.transport() + """
                routes:
                  - { topic: "orders.**", to: web }
                retry: { first: 100ms, factor: 1, max: 100ms, jitter: 0 }
                relay: { history: off }
                """);
    }

    @AfterEach
    void close() {
        receiver.close();
        schema.close();
    }

    @Test
    void aRowOfFourColumnsArrivesAsTheContractSays() throws Exception {
        insert(Map.of("topic", "orders.placed", "type", "OrderPlaced", "biz_id", "order-1", "payload", utf8("{}")));
        MessageId id = storedId();
        Instant createdAt = storedTime("created_at");

        try (ChildRelay relay = relay()) {
            awaiting(relay, () -> assertThat(receiver.arrivals).hasSize(1));
            awaiting(relay, () -> assertThat(schema.count("bida_outbox")).isZero());
        }
        Arrival arrival = receiver.arrivals.get(0);
        assertThat(arrival.method()).isEqualTo("POST");
        assertThat(arrival.path()).isEqualTo("/events");
        assertThat(ofMessage(arrival))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "ce-specversion", "1.0",
                        "ce-id", id.toString(),
                        "ce-type", "OrderPlaced",
                        "ce-source", "sql-relay",
                        "ce-bizid", "order-1",
                        "ce-scene", "OrderPlaced",
                        "ce-topic", "orders.placed",
                        "content-type", "application/json"));
        assertThat(arrival.header("ce-time")).endsWith("Z");
        assertThat(Instant.parse(arrival.header("ce-time"))).isEqualTo(createdAt);
        assertThat(arrival.body()).isEqualTo(ByteBuffer.wrap(utf8("{}")));
        assertThat(schema.count("bida_outbox_parked")).isZero();
    }

    @Test
    void aRowOfEveryColumnArrivesAsTheContractSays() throws Exception {
        MessageId id = MessageId.parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        byte[] everyByte = new byte[256];
        IntStream.range(0, 256).forEach(i -> everyByte[i] = (byte) i);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("message_id", schema.database.dialect().bind(id));
        row.put("topic", "orders.gr\u00f6\u00dfe");
        row.put("type", "Bestellung\u2713");
        row.put("scene", "say \"42\" %");
        row.put("biz_id", " Auftrag/\u00fc\ud83d\ude00~");
        row.put("ordering_key", "Kunde \u00e9");
        row.put("source", "//caf\u00e9/\u8ba2\u5355");
        row.put("content_type", "text/plain; charset=utf-8");
        row.put("headers", """
                {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Tracestate": "a=b, c=d",
                 "X-Tenant": "Z\u00fcrich \\"5\\" 100%", "lines": "a\\r\\nb: c", "empty": ""}""");
        row.put("payload", everyByte);
        row.put("created_at", schema.database.dialect().bind(Instant.parse("2026-03-29T01:30:00.000007Z")));
        row.put("due_at", schema.database.dialect().bind(Instant.parse("2026-03-29T02:30:00Z")));
        row.put("expires_at", schema.database.dialect().bind(Instant.parse("2199-12-31T23:59:59.999999Z")));
        insert(row);

        try (ChildRelay relay = relay()) {
            awaiting(relay, () -> assertThat(receiver.arrivals).hasSize(1));
            awaiting(relay, () -> assertThat(schema.count("bida_outbox")).isZero());
        }
        Arrival arrival = receiver.arrivals.get(0);
        assertThat(ofMessage(arrival))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("ce-specversion", "1.0"),
                        Map.entry("ce-id", id.toString()),
                        Map.entry("ce-type", "Bestellung%E2%9C%93"),
                        Map.entry("ce-source", "//caf%C3%A9/%E8%AE%A2%E5%8D%95"),
                        Map.entry("ce-bizid", "%20Auftrag/%C3%BC%F0%9F%98%80~"),
                        Map.entry("ce-scene", "say%20%2242%22%20%25"),
                        Map.entry("ce-topic", "orders.gr%C3%B6%C3%9Fe"),
                        Map.entry("ce-partitionkey", "Kunde%20%C3%A9"),
                        Map.entry("content-type", "text/plain; charset=utf-8"),
                        Map.entry("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                        Map.entry("tracestate", "a=b, c=d"),
                        Map.entry("bida-h-x-tenant", "Z%C3%BCrich%20%225%22%20100%25"),
                        Map.entry("bida-h-lines", "a%0D%0Ab:%20c"),
                        Map.entry("bida-h-empty", "")));
        assertThat(Instant.parse(arrival.header("ce-time"))).isEqualTo(Instant.parse("2026-03-29T01:30:00.000007Z"));
        assertThat(arrival.body()).isEqualTo(ByteBuffer.wrap(everyByte));
    }

    @Test
    void poisonEndsDeadWithItsReasonAndWhatWasInsertedAfterItArrives() throws Exception {
        Map<String, String> reasons = new TreeMap<>();
        Map<String, Map<String, Object>> poison = poison();
        for (Map.Entry<String, Map<String, Object>> each : poison.entrySet()) {
            Map<String, Object> row = new LinkedHashMap<>(Map.of(
                    "topic", "orders.placed", "type", "OrderPlaced", "biz_id", each.getKey(), "payload", utf8("{}")));
            row.putAll(each.getValue());
            reasons.put(String.valueOf(row.get("biz_id")), String.valueOf(row.remove("reason")));
            insert(row);
        }
        for (int i = 0; i < 3; i++) {
            Map<String, Object> row = new LinkedHashMap<>(
                    Map.of("topic", "orders", "type", "T", "biz_id", "good-" + i, "payload", utf8("{}")));
            if (postgresql) {
                row.put(i == 0 ? "expires_at" : "created_at", i < 2 ? OffsetDateTime.MAX : OffsetDateTime.MIN);
            }
            if (takesZeroDates()) {
                row.put(
                        "created_at",
                        List.of("0000-00-00 00:00:00", "2026-00-10 00:00:00", "2026-10-00 00:00:00")
                                .get(i));
            }
            insert(row);
        }

        try (ChildRelay relay = relay()) {
            awaiting(
                    relay, () -> assertThat(receiver.bizIds()).containsExactlyInAnyOrder("good-0", "good-1", "good-2"));
            awaiting(relay, () -> assertThat(schema.count("bida_outbox")).isZero());
        }
        Map<String, String> errors = new TreeMap<>();
        schema.jdbi.useHandle(handle -> handle.createQuery(
                        "SELECT biz_id, state, attempts, last_error FROM bida_outbox_parked")
                .map((row, context) -> Map.entry(
                        row.getString("biz_id"),
                        row.getString("state") + " " + row.getInt("attempts") + " " + row.getString("last_error")))
                .forEach(row -> errors.put(row.getKey(), row.getValue())));
        assertThat(errors.keySet()).isEqualTo(reasons.keySet());
        reasons.forEach((bizId, reason) -> assertThat(errors.get(bizId))
                .as("'%s'", bizId)
                .startsWith("DEAD 0 ")
                .contains(reason));
        assertThat(schema.count("bida_attempt")).isZero();
    }

    /** Columns by biz-id, and the words that the reason contains. */
    /** By default; MySQL refuses them. */
    private boolean takesZeroDates() {
        return schema.database.dialect().name().equals("mariadb");
    }

    private Map<String, Map<String, Object>> poison() {
        Map<String, Map<String, Object>> poison = new LinkedHashMap<>();
        poison.put("no-json", Map.of("headers", "nonsense", "reason", "cannot be read as JSON"));
        poison.put("cut-json", Map.of("headers", "{\"a\": \"b\"", "reason", "JSON"));
        poison.put("two-json", Map.of("headers", "{} {}", "reason", "go on after the end"));
        poison.put("array", Map.of("headers", "[\"a\"]", "reason", "do not begin with {"));
        poison.put("nested", Map.of("headers", "{\"a\": {\"b\": \"c\"}}", "reason", "the value of 'a' is no string"));
        poison.put("number", Map.of("headers", "{\"a\": 1}", "reason", "the value of 'a' is no string"));
        poison.put("null", Map.of("headers", "{\"a\": null}", "reason", "the value of 'a' is no string"));
        poison.put("name", Map.of("headers", "{\"no token\": \"x\"}", "reason", "'no token' is no HTTP token"));
        poison.put("twice", Map.of("headers", "{\"a\": \"1\", \"A\": \"2\"}", "reason", "is given twice"));
        poison.put("nul-name", Map.of("headers", "{\"a\\u0000b\": 1}", "reason", "is no string"));
        poison.put("nul-value", Map.of("headers", "{\"a\": \"\\u0000\"}", "reason", "null character"));
        poison.put("half", Map.of("headers", "{\"a\": \"\\ud800\"}", "reason", "half of a surrogate pair"));
        poison.put("half-name", Map.of("headers", "{\"\\udc00\": 1}", "reason", "no JSON object of strings"));
        Object longAgo = schema.database.dialect().bind(Instant.parse("2020-01-01T00:00:00Z"));
        poison.put("expired", Map.of("expires_at", longAgo, "reason", "Expired"));
        poison.put("keyed", Map.of("expires_at", longAgo, "ordering_key", "k", "reason", "Expired"));
        poison.put("unrouted", Map.of("topic", "nowhere", "reason", "No route takes the topic 'nowhere'"));
        poison.put("mode", Map.of("content_type", "Application/CloudEvents+json", "reason", "content type"));
        poison.put("umlaut", Map.of("content_type", "text/\u00fc", "reason", "printable ASCII"));
        poison.put("empty", Map.of("biz_id", "", "reason", "biz-id is empty"));
        poison.put("no-type", Map.of("type", "", "reason", "type is empty"));
        if (postgresql) {
            Object far = OffsetDateTime.parse("+20000-01-01T00:00:00Z");
            poison.put("far", Map.of("expires_at", far, "reason", "the years 1000 to 9999"));
        }
        if (takesZeroDates()) {
            poison.put("zero-date", Map.of("expires_at", "0000-00-00 00:00:00", "reason", "Expired"));
        }
        if (!postgresql) {
            poison.put("nul-key", Map.of("ordering_key", "a\0b", "reason", "ordering key contains a null character"));
            poison.put("nul-topic", Map.of("topic", "orders\0", "reason", "topic contains a null character"));
        }
        return poison;
    }

    @Test
    void aMessageIsSentAgainUntilTheReceiverTakesItAndARedirectIsNotFollowed() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        receiver.answer = arrival -> switch (attempts.incrementAndGet()) {
            case 1 -> new Reply(503, Map.of("Retry-After", "2"));
            case 2 -> new Reply(500, Map.of());
            case 3 -> new Reply(307, Map.of("Location", "/elsewhere"));
            default -> Reply.OK;
        };
        insert(Map.of("topic", "orders", "type", "T", "biz_id", "order-1", "payload", utf8("{}")));

        try (ChildRelay relay = relay()) {
            awaiting(relay, () -> assertThat(receiver.arrivals).hasSize(4));
            awaiting(
                    relay,
                    () -> assertThat(schema.count("bida_outbox") + schema.count("bida_outbox_parked"))
                            .isZero());
        }
        List<Arrival> arrivals = receiver.arrivals;
        assertThat(arrivals.stream().map(Arrival::path)).containsOnly("/events");
        assertThat(arrivals.stream().map(arrival -> arrival.header("ce-id")).distinct())
                .hasSize(1);
        assertThat(Duration.between(arrivals.get(0).at(), arrivals.get(1).at())).isGreaterThan(Duration.ofSeconds(2));
        assertThat(schema.strings("SELECT error FROM bida_attempt ORDER BY attempt"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("503"),
                        second -> assertThat(second).contains("500"),
                        third -> assertThat(third).contains("307"));
    }

    @Test
    void aMessageThatTheReceiverRejectsIsDeadAtOnce() throws Exception {
        receiver.answer = arrival ->
                arrival.header("ce-bizid").equals("bad") ? new Reply(400, Map.of()) : new Reply(409, Map.of());
        insert(Map.of("topic", "orders", "type", "T", "biz_id", "bad", "payload", utf8("{}")));
        insert(Map.of("topic", "orders", "type", "T", "biz_id", "there already", "payload", utf8("{}")));

        try (ChildRelay relay = relay()) {
            awaiting(relay, () -> assertThat(schema.count("bida_outbox")).isZero());
        }
        assertThat(schema.parked()).containsExactly("DEAD bad");
        assertThat(schema.deadReasons())
                .singleElement()
                .asString()
                .startsWith("Rejected: 127.0.0.1:")
                .contains("400");
        assertThat(receiver.bizIds()).containsExactlyInAnyOrder("bad", "there%20already");
        assertThat(schema.strings("SELECT outcome FROM bida_attempt")).containsExactly("rejected");
    }

    private ChildRelay relay() {
        return ChildRelay.start(config, schema.database.password());
    }

    private static void awaiting(ChildRelay relay, ThrowingRunnable assertion) {
        await().atMost(PATIENCE)
                .failFast(() -> assertThat(relay.isAlive()).as(relay.errors()).isTrue())
                .untilAsserted(assertion);
    }

    /** Plain SQL over plain JDBC, in a transaction of its own. */
    private void insert(Map<String, Object> row) throws SQLException {
        List<String> columns = List.copyOf(row.keySet());
        String sql = "INSERT INTO bida_outbox (" + String.join(", ", columns) + ") VALUES ("
                + "?, ".repeat(columns.size() - 1) + "?)";
        try (Connection connection = schema.database.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < columns.size(); i++) {
                statement.setObject(i + 1, row.get(columns.get(i)));
            }
            statement.executeUpdate();
            connection.commit();
        }
    }

    private MessageId storedId() {
        return schema.jdbi.withHandle(handle -> handle.createQuery("SELECT message_id FROM bida_outbox")
                .map((row, context) -> schema.database.dialect().messageId(row, "message_id"))
                .one());
    }

    private Instant storedTime(String column) {
        return schema.jdbi.withHandle(handle -> handle.createQuery("SELECT " + column + " FROM bida_outbox")
                .map((row, context) -> schema.database.dialect().instant(row, column))
                .one());
    }

    /** All headers but those of HTTP itself and the time. */
    private static Map<String, String> ofMessage(Arrival arrival) {
        Map<String, String> headers = new TreeMap<>(arrival.headers());
        headers.keySet().removeAll(OF_HTTP);
        headers.remove("ce-time");
        return headers;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
