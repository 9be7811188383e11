package io.bida.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CloudEventHeadersTest {

    /** The least that CloudEvents asks for. */
    private static final Map<String, String> FOREIGN =
            Map.of("ce-specversion", "1.0", "ce-id", "A234-1234", "ce-type", "com.example.paid", "ce-source", "/shop");

    @Test
    void aMessageComesBackAsItWasWhateverItsCharacters() {
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            Message message = Message.to(text(random, 200))
                    .type(text(random, 200))
                    .scene(text(random, 64))
                    .bizId(text(random, 128))
                    .orderingKey(random.nextBoolean() ? text(random, 128) : null)
                    .source(text(random, 200))
                    .headers(Map.of("X-A.b", text(random, 300), "empty", "", "ce-subject", text(random, 9)))
                    .payload("p")
                    .createdAt(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)))
                    .build();
            Map<String, String> headers = CloudEventHeaders.write(message, "relay");
            assertThat(headers.values()).allMatch(value -> value.matches("[\\x21-\\x7E]*"));
            assertThat(CloudEventHeaders.read(headers.entrySet(), message.payload()))
                    .isEqualTo(message);
        }
    }

    @Test
    void aTraceContextThatIsNoneCannotBreakTheRequest() {
        Message message = Message.to("t")
                .type("T")
                .bizId("b")
                .headers(Map.of("traceparent", "x\r\nHost: evil"))
                .payload("")
                .build();
        assertThat(CloudEventHeaders.write(message, "relay")).containsEntry("traceparent", "x%0D%0AHost:%20evil");
    }

    @Test
    void anEventOfAnotherProducerGetsItsIdentitiesFromTheEvent() {
        Message message = read(FOREIGN);
        assertThat(message.id())
                .isEqualTo(new MessageId(UUID.nameUUIDFromBytes("/shop\nA234-1234".getBytes(StandardCharsets.UTF_8))));
        assertThat(message.bizId().value()).isEqualTo("A234-1234");
        assertThat(message.scene()).isEqualTo("com.example.paid");
        assertThat(message.topic()).isEqualTo("com.example.paid");
        assertThat(message.contentType()).isEqualTo("application/json");
        assertThat(message.createdAt()).isNull();
        assertThat(message.orderingKey()).isNull();
        assertThat(read(FOREIGN)).isEqualTo(message);
        assertThat(read(with("ce-source", "/other")).id()).isNotEqualTo(message.id());
    }

    @Test
    void attributesThatBidaDoesNotKnowBecomeHeaders() {
        assertThat(read(with("CE-Subject", "a%20b")).headers()).containsEntry("ce-subject", "a b");
    }

    @Test
    void aTimeWithAnOffsetIsRead() {
        assertThat(read(with("ce-time", "2026-11-01T14:00:00.5+02:00")).createdAt())
                .isEqualTo("2026-11-01T12:00:00.500Z");
    }

    @Test
    void aWrongEnvelopeIsRefusedByTheHeadersName() {
        for (String name : List.of("ce-specversion", "ce-id", "ce-type", "ce-source")) {
            Map<String, String> headers = new LinkedHashMap<>(FOREIGN);
            headers.remove(name);
            refused(headers, name);
            refused(with(name, ""), name);
        }
        refused(with("ce-specversion", "0.3"), "ce-specversion");
        refused(with("ce-time", "yesterday"), "ce-time");
        refused(with("ce-bizid", "100%"), "ce-bizid");
        refused(with("ce-bizid", ""), "ce-bizid");
        refused(with("ce-bizid", "x".repeat(129)), "ce-bizid");
        refused(with("ce-id", "x".repeat(129)), "ce-id");
        refused(with("ce-scene", "x".repeat(65)), "ce-scene");
        refused(with("ce-topic", "x".repeat(201)), "ce-topic");
        refused(with("ce-partitionkey", "%00"), "ce-partitionkey");
        refused(with("bida-h-a", "%FF"), "bida-h-a");
        refused(with("content-type", "x".repeat(101)), "content-type");
    }

    @Test
    void aHeaderGivenTwiceIsRefused() {
        List<Map.Entry<String, String>> headers = new ArrayList<>(FOREIGN.entrySet());
        headers.add(Map.entry("CE-ID", "other"));
        assertThatThrownBy(() -> CloudEventHeaders.read(headers, Payload.EMPTY))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("ce-id");
    }

    private static void refused(Map<String, String> headers, String name) {
        assertThatThrownBy(() -> read(headers))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(name);
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> headers = new LinkedHashMap<>(FOREIGN);
        headers.put(name, value);
        return headers;
    }

    private static Message read(Map<String, String> headers) {
        return CloudEventHeaders.read(headers.entrySet(), Payload.EMPTY);
    }

    private static String text(Random random, int limit) {
        int[] alphabets = {0x01, 0x20, 0x7F, 0xE9, 0x4E00, 0x1F600};
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(limit);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(alphabets[random.nextInt(alphabets.length)] + random.nextInt(0x20));
        }
        return text.toString();
    }
}
