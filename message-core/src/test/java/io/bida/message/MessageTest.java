package io.bida.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

    private static final String ONE_CHARACTER = "\uD83D\uDE00";
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");

    static Stream<Arguments> limits() {
        return Stream.of(
                limit("topic", 200, (m, text) -> Message.to(text).type("T").bizId("1")),
                limit("type", 200, Message.Builder::type),
                limit("scene", 64, Message.Builder::scene),
                limit("biz-id", 128, Message.Builder::bizId),
                limit("ordering key", 128, Message.Builder::orderingKey),
                limit("source", 200, Message.Builder::source));
    }

    private static Arguments limit(String name, int most, BiFunction<Message.Builder, String, Message.Builder> setter) {
        return Arguments.of(name, most, setter);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aTextIsTakenUpToItsLimitInCharactersAndRefusedBeyond(
            String name, int most, BiFunction<Message.Builder, String, Message.Builder> setter) {
        String longest = ONE_CHARACTER.repeat(most);
        assertThat(setter.apply(order(), longest).payload("{}").build().toString())
                .contains(longest);
        assertThatThrownBy(
                        () -> setter.apply(order(), longest + "x").payload("{}").build())
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("The " + name + " has " + (most + 1) + " characters, at most " + most)
                .hasMessageContaining("nothing was written");
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aTextThatNoDatabaseCouldKeepIsRefused(
            String name, int most, BiFunction<Message.Builder, String, Message.Builder> setter) {
        assertThatThrownBy(() -> setter.apply(order(), "").payload("{}").build())
                .hasMessageContaining("The " + name + " is empty");
        assertThatThrownBy(() -> setter.apply(order(), "a\0b").payload("{}").build())
                .hasMessageContaining("The " + name + " contains a null character")
                .hasMessageContaining("'a?b'");
        assertThatThrownBy(() -> setter.apply(order(), "a\uD83D").payload("{}").build())
                .hasMessageContaining("The " + name + " contains half of a surrogate pair");
    }

    @Test
    void aLongContentTypeIsRefused() {
        String longest = "text/" + "x".repeat(95);
        assertThat(order().contentType(longest).payload("").build().contentType())
                .isEqualTo(longest);
        assertThatThrownBy(() -> order().contentType(longest + "x").payload("").build())
                .hasMessageContaining("The content type has 101 characters, at most 100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain\r\nX-Other: 1",
                "text/pl\u00e4in",
                "application/cloudevents+json",
                " Application/CloudEvents"
            })
    void aContentTypeThatWouldChangeTheEnvelopeIsRefused(String contentType) {
        assertThatThrownBy(() -> order().contentType(contentType).payload("").build())
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void theBuilderSaysWhatIsMissing() {
        assertThatThrownBy(() -> Message.to("orders").bizId("1").payload("").build())
                .hasMessage("The message to 'orders' has no type; nothing was written.");
        assertThatThrownBy(() -> Message.to("orders").type("T").payload("").build())
                .hasMessage("The message to 'orders' has no biz-id; nothing was written.");
        assertThatThrownBy(() -> order().build())
                .hasMessage("The message to 'orders' has no payload; nothing was written.");
    }

    @Test
    void theSceneIsTheTypeUnlessGivenAndTheContentTypeIsJson() {
        Message message = order().type("x".repeat(200)).payload("{}").build();
        assertThat(message.scene()).isEqualTo("x".repeat(200));
        assertThat(message.contentType()).isEqualTo("application/json");
        assertThat(order().scene("paid").payload("{}").build().bizId()).hasToString("paid:1");
    }

    @Test
    void headersAreFoundWithoutCaseAndCannotBeChanged() {
        Map<String, String> headers = order().headers(Map.of("TraceParent", "00-1", "Empty", ""))
                .payload("")
                .build()
                .headers();
        assertThat(headers.get("traceparent")).isEqualTo("00-1");
        assertThat(headers.get("EMPTY")).isEmpty();
        assertThatThrownBy(() -> headers.put("more", "x")).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "col:on", "\u00fcml", "a\r\nb"})
    void aHeaderNameThatIsNoTokenIsRefused(String name) {
        assertThatThrownBy(() -> order().headers(Map.of(name, "x")).payload("").build())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is no HTTP token");
    }

    @Test
    void oneHeaderInTwoCasesIsRefused() {
        assertThatThrownBy(() ->
                        order().headers(Map.of("a", "1", "A", "2")).payload("").build())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is given twice");
    }

    @Test
    void aHeaderValueWithANullCharacterIsRefused() {
        assertThatThrownBy(() -> order().headers(Map.of("a", "\0")).payload("").build())
                .hasMessageContaining("The value of header 'a' contains a null character");
    }

    @Test
    void timesAreKeptToTheMicrosecond() {
        Message message = order().dueAt(NOON.plusNanos(789))
                .expiresAt(NOON.plusNanos(999))
                .payload("")
                .build();
        assertThat(message.dueAt()).isEqualTo(NOON);
        assertThat(message.expiresAt()).isEqualTo(NOON);
    }

    @Test
    void aTimeThatNotEveryDatabaseKeepsIsRefused() {
        assertThatThrownBy(() -> order().dueAt(Instant.MAX).payload("").build())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("The message is due at")
                .hasMessageContaining("the years 1000 to 9999");
        assertThatThrownBy(() -> order().expiresAt(Instant.MIN).payload("").build())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("The message expires at");
    }

    @Test
    void aMessageThatExpiresBeforeItIsDueIsRefused() {
        assertThatThrownBy(() -> order().dueAt(NOON)
                        .expiresAt(NOON.minusNanos(1_000))
                        .payload("")
                        .build())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("could never be delivered");
    }

    private static Message.Builder order() {
        return Message.to("orders").type("OrderPlaced").bizId("1");
    }
}
