package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.outbox.Outbox;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the outbox promises a publisher, on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class OutboxContractTest {

    private static final String EMOJI = "\ud83d\ude00";

    private final Outbox outbox = Outbox.create();
    private final TimeZone timeZone = TimeZone.getDefault();
    private final RecordingSender web = new RecordingSender();
    private final Store store;
    private final Schema schema;

    OutboxContractTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        schema.jdbi.useHandle(handle -> handle.execute("CREATE TABLE orders (id INT NOT NULL PRIMARY KEY)"));
    }

    @AfterEach
    void close() {
        TimeZone.setDefault(timeZone);
        schema.close();
    }

    @Test
    void aConnectionAHandleAndABoundDataSourceAllPublishInTheCallersTransaction() throws Exception {
        try (Connection connection = begun()) {
            outbox.publish(connection, Schema.message("by connection", null));
            outbox.publish(boundTo(connection), Schema.message("by data source", null));
            assertThat(connection.isClosed()).isFalse();
            assertThat(stored()).isEmpty();
            connection.commit();
        }
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, Schema.message("by handle", null)));

        assertThat(stored()).containsExactly("by connection", "by data source", "by handle");
    }

    @Test
    void whatIsRolledBackLeavesNothing() throws Exception {
        try (Connection connection = begun()) {
            order(connection);
            outbox.publish(connection, Schema.message("order-1", "key"));
            outbox.publish(boundTo(connection), List.of(Schema.message("order-2", null)));
            connection.rollback();
        }
        schema.jdbi.useHandle(handle -> {
            handle.begin();
            outbox.publish(handle, Schema.message("order-3", null));
            handle.rollback();
        });

        assertThat(stored()).isEmpty();
        assertThat(schema.count("orders")).isZero();
    }

    @Test
    void manyMessagesKeepTheirOrderWhateverTheirSizes() throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            int size = i % 300 == 0 ? 3 << 20 : i % 7 * 1_000;
            messages.add(Message.to("orders")
                    .type("T")
                    .bizId("order-" + i)
                    .payload(Payload.wrap(new byte[size]))
                    .build());
        }
        try (Connection connection = begun()) {
            outbox.publish(connection, messages);
            connection.commit();
        }

        assertThat(stored())
                .containsExactlyElementsOf(
                        messages.stream().map(m -> m.bizId().value()).toList());
        assertThat(schema.strings("SELECT LENGTH(payload) FROM bida_outbox ORDER BY seq").stream()
                        .map(Integer::valueOf))
                .containsExactlyElementsOf(
                        messages.stream().map(m -> m.payload().size()).toList());
    }

    @Test
    void noMessagesAreNoWork() throws Exception {
        try (Connection connection = begun()) {
            outbox.publish(connection, List.of());
            connection.commit();
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void everyAttributeComesBackUnchanged() throws Exception {
        List<Message> messages =
                List.of(full("order-1 "), full("\u00c9t\u00e9 " + EMOJI + "%\r\n\t"), Schema.message("a", null));
        publish(messages);

        List<Message> sent = relayed(messages.size());

        for (int i = 0; i < messages.size(); i++) {
            Message given = messages.get(i);
            Message came = sent.stream()
                    .filter(m -> m.id().equals(given.id()))
                    .findFirst()
                    .orElseThrow();
            assertThat(came)
                    .usingRecursiveComparison()
                    .ignoringFields("createdAt", "source", "dueAt", "expiresAt")
                    .isEqualTo(given);
            assertThat(came.source()).isEqualTo(given.source() == null ? "test-relay" : given.source());
            assertThat(came.createdAt())
                    .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
        }
    }

    @Test
    void theLongestTextsFit() throws Exception {
        // H2 counts a character beyond the first plane as two.
        String wide = store == Store.H2 ? "\u4e2d" : EMOJI;
        Message longest = Message.to(wide.repeat(Message.MAX_TOPIC))
                .type("\u00e9".repeat(Message.MAX_TYPE))
                .scene(wide.repeat(Message.MAX_SCENE))
                .bizId("\u4e2d".repeat(128))
                .orderingKey(wide.repeat(Message.MAX_ORDERING_KEY))
                .source(wide.repeat(Message.MAX_SOURCE))
                .contentType("t/" + "x".repeat(Message.MAX_CONTENT_TYPE - 2))
                .headers(Map.of("h", "x".repeat(65_535 - "{\"h\":\"\"}".length())))
                .payload("")
                .build();
        publish(List.of(longest));

        Message came = relayed(1).get(0);

        assertThat(came).usingRecursiveComparison().ignoringFields("createdAt").isEqualTo(longest);
    }

    @Test
    void timesAreUtcToTheMicrosecondInWhateverTimeZoneThePublisherLives() throws Exception {
        // Neither hour exists on the clocks of Berlin and Kathmandu's offset is no whole hour.
        Instant due = Instant.parse("2099-03-29T02:30:00.123457Z");
        Instant expires = Instant.parse("2199-12-31T23:59:59.999999Z");
        for (String zone : List.of("Asia/Kathmandu", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns")) {
            TimeZone.setDefault(TimeZone.getTimeZone(zone));
            try (Connection connection = schema.database.connect()) {
                connection.setAutoCommit(false);
                outbox.publish(
                        connection,
                        Message.to("orders")
                                .type("T")
                                .bizId(zone)
                                .payload("")
                                .dueAt(due.plusNanos(999))
                                .expiresAt(expires)
                                .build());
                connection.commit();
            }
        }
        TimeZone.setDefault(timeZone);

        assertThat(schema.strings("SELECT " + text("due_at") + " FROM bida_outbox"))
                .hasSize(4)
                .containsOnly("2099-03-29 02:30:00.123457");
        assertThat(schema.strings("SELECT " + text("expires_at") + " FROM bida_outbox"))
                .containsOnly("2199-12-31 23:59:59.999999");
        String now = schema.database.dialect().now();
        assertThat(schema.strings("SELECT biz_id FROM bida_outbox WHERE created_at BETWEEN "
                        + schema.database.dialect().nowPlus("-60000000") + " AND " + now))
                .hasSize(4);
    }

    @Test
    void everyTimeThatAMessageMayHaveIsKept() {
        Instant earliest = Instant.parse("1000-01-01T00:00:00Z");
        Instant latest = Instant.parse("9999-12-31T23:59:59.999999Z");
        schema.jdbi.useTransaction(handle -> outbox.publish(
                handle,
                Message.to("orders")
                        .type("T")
                        .bizId("order-1")
                        .payload("")
                        .dueAt(earliest)
                        .expiresAt(latest)
                        .build()));

        schema.jdbi.useHandle(handle -> handle.createQuery("SELECT due_at, expires_at FROM bida_outbox")
                .map((row, context) -> List.of(
                        Objects.requireNonNull(schema.database.dialect().instant(row, "due_at")),
                        Objects.requireNonNull(schema.database.dialect().instant(row, "expires_at"))))
                .forEach(times -> assertThat(times).containsExactly(earliest, latest)));
    }

    @Test
    void withoutATransactionNothingIsWritten() throws Exception {
        try (Connection connection = schema.database.connect()) {
            assertThatThrownBy(() -> outbox.publish(connection, Schema.message("order-1", null)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("auto-commit")
                    .hasMessageContaining("nothing was written");
        }
        schema.jdbi.useHandle(handle -> assertThatThrownBy(
                        () -> outbox.publish(handle, Schema.message("order-2", null)))
                .isInstanceOf(RefusedException.class));
        assertThatThrownBy(() -> outbox.publish(schema.dataSource, Schema.message("order-3", null)))
                .isInstanceOf(RefusedException.class);

        assertThat(stored()).isEmpty();
    }

    @Test
    void whatIsRefusedIsRefusedWithItsReasonAndTheTransactionGoesOn() throws Exception {
        try (Connection connection = begun()) {
            order(connection);
            refusals()
                    .forEach((reason, message) -> assertThatThrownBy(() ->
                                    outbox.publish(connection, List.of(Schema.message("before", null), message.get())))
                            .as(reason)
                            .isInstanceOf(RefusedException.class)
                            .hasMessageContaining(reason));
            outbox.publish(connection, Schema.message("order-1", null));
            connection.commit();
        }

        assertThat(stored()).containsExactly("order-1");
        assertThat(schema.count("orders")).isEqualTo(1);
    }

    private static Map<String, Supplier<Message>> refusals() {
        Map<String, Supplier<Message>> refusals = new LinkedHashMap<>();
        refusals.put(
                "The payload of T:refused has 7340033 bytes, at most 7340032",
                () -> valid().payload(Payload.wrap(new byte[Outbox.DEFAULT_MAX_PAYLOAD + 1]))
                        .build());
        refusals.put(
                "more than 65535 bytes as JSON",
                () -> valid().headers(Map.of("h", "\u00e9".repeat(33_000))).build());
        refusals.put(
                "The topic has 201 characters, at most 200",
                () -> Message.to("x".repeat(201))
                        .type("T")
                        .bizId("refused")
                        .payload("")
                        .build());
        refusals.put("The type has 201", () -> valid().type("x".repeat(201)).build());
        refusals.put("The scene has 65", () -> valid().scene("x".repeat(65)).build());
        refusals.put("The biz-id has 129", () -> valid().bizId("x".repeat(129)).build());
        refusals.put(
                "The ordering key has 129",
                () -> valid().orderingKey("x".repeat(129)).build());
        refusals.put("The source has 201", () -> valid().source("x".repeat(201)).build());
        refusals.put(
                "The content type has 101",
                () -> valid().contentType("x".repeat(101)).build());
        refusals.put("The biz-id is empty", () -> valid().bizId("").build());
        refusals.put("The ordering key is empty", () -> valid().orderingKey("").build());
        refusals.put(
                "The topic is empty",
                () -> Message.to("").type("T").bizId("x").payload("").build());
        refusals.put(
                "The biz-id contains a null character",
                () -> valid().bizId("a\0b").build());
        refusals.put(
                "The ordering key contains a null",
                () -> valid().orderingKey("\0").build());
        refusals.put(
                "value of header 'h' contains a null character",
                () -> valid().headers(Map.of("h", "a\0")).build());
        refusals.put(
                "The type contains half of a surrogate pair",
                () -> valid().type("a\ud83d").build());
        refusals.put(
                "value of header 'h' contains half",
                () -> valid().headers(Map.of("h", "\ude00")).build());
        refusals.put(
                "The header name 'a b' is no HTTP token",
                () -> valid().headers(Map.of("a b", "x")).build());
        refusals.put(
                "The header name '' is no HTTP token",
                () -> valid().headers(Map.of("", "x")).build());
        refusals.put(
                "is given twice",
                () -> valid().headers(Map.of("a", "x", "A", "y")).build());
        refusals.put(
                "would change how the envelope is read",
                () -> valid().contentType("application/CloudEvents-batch+json").build());
        refusals.put(
                "outside printable ASCII",
                () -> valid().contentType("text/\u00fc").build());
        refusals.put(
                "before it is due",
                () -> valid().dueAt(Instant.parse("2030-01-01T00:00:00Z"))
                        .expiresAt(Instant.parse("2029-01-01T00:00:00Z"))
                        .build());
        refusals.put(
                "has no payload",
                () -> Message.to("orders").type("T").bizId("x").build());
        return refusals;
    }

    private static Message.Builder valid() {
        return Message.to("orders").type("T").bizId("refused").payload("");
    }

    @Test
    void aMissingTableIsNamedWithTheRemedy() throws Exception {
        schema.jdbi.useHandle(handle -> handle.execute("DROP TABLE bida_outbox"));
        try (Connection connection = begun()) {
            assertThatThrownBy(() -> outbox.publish(connection, Schema.message("order-1", null)))
                    .isInstanceOf(BidaException.class)
                    .hasMessageContaining("bida_outbox is missing")
                    .hasMessageContaining("./bida migrate");
            connection.rollback();
        }
    }

    @Test
    void thePayloadMayHaveTheDefaultLimitAndEveryByte() throws Exception {
        byte[] payload = new byte[Outbox.DEFAULT_MAX_PAYLOAD];
        IntStream.range(0, payload.length).forEach(i -> payload[i] = (byte) (i + i / 256));
        // The form in which a driver may have to escape every byte.
        byte[] quotes = "'".repeat(Outbox.DEFAULT_MAX_PAYLOAD).getBytes(StandardCharsets.US_ASCII);
        List<Payload> payloads = List.of(Payload.wrap(payload), Payload.wrap(quotes));
        publish(payloads.stream().map(body -> valid().payload(body).build()).toList());

        assertThat(relayed(2).stream().map(Message::payload)).containsExactlyInAnyOrderElementsOf(payloads);
    }

    private Message full(String text) {
        return Message.to("orders." + text)
                .type("type " + text)
                .scene("scene " + text)
                .bizId(text)
                .orderingKey("key " + text)
                .source("source " + text)
                .contentType("text/plain; charset=utf-8")
                .headers(Map.of("traceparent", "00-1-2-03", "X-Text", text, "empty", "", "quote", "\"\\"))
                .payload(text)
                .dueAt(Instant.parse("2020-01-01T00:00:00.000001Z"))
                .expiresAt(Instant.parse("2199-01-01T00:00:00.000001Z"))
                .build();
    }

    private void publish(List<Message> messages) {
        schema.jdbi.useTransaction(handle -> outbox.publish(handle, messages));
    }

    private List<Message> relayed(int count) {
        try (Relay relay = Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .sender("web", web)
                .route(new Route("**", "web"))
                .build()) {
            relay.start();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(web.sent).hasSize(count));
        }
        assertThat(schema.count("bida_outbox_parked")).isZero();
        return web.sent;
    }

    private List<String> stored() {
        return schema.strings("SELECT biz_id FROM bida_outbox ORDER BY seq");
    }

    private static void order(Connection transaction) throws SQLException {
        try (Statement statement = transaction.createStatement()) {
            statement.execute("INSERT INTO orders (id) VALUES (1)");
        }
    }

    private Connection begun() throws SQLException {
        Connection connection = schema.database.connect();
        connection.setAutoCommit(false);
        return connection;
    }

    /** A time as the database itself writes it. */
    private String text(String column) {
        return switch (store) {
            case POSTGRESQL -> "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";
            case H2 -> "CAST(" + column + " AS VARCHAR)";
            case MARIADB, MYSQL -> "CAST(" + column + " AS CHAR)";
        };
    }

    /** What a framework hands out: the transaction's own connection, which closing leaves open. */
    private static DataSource boundTo(Connection transaction) {
        Connection bound = proxy(Connection.class, (proxy, method, arguments) -> {
            try {
                return method.getName().equals("close") ? null : method.invoke(transaction, arguments);
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        });
        return proxy(DataSource.class, (proxy, method, arguments) -> bound);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        ClassLoader loader = OutboxContractTest.class.getClassLoader();
        return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, handler));
    }
}
