package io.bida.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.RefusedException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersJsonTest {

    @Test
    void whatWasWrittenIsRead() {
        Map<String, String> headers = Map.of(
                "quote", "she said \"no\" \\ 'yes'",
                "emoji", "\uD83D\uDE00 \u4ed8\u6b3e",
                "control", "\r\n\t\u0001\u007f\u2028",
                "empty", "",
                "json", "{\"a\":[1]}");
        assertThat(HeadersJson.parse(HeadersJson.write(headers))).isEqualTo(headers);
    }

    @Test
    void noHeadersAreNull() {
        assertThat(HeadersJson.write(Map.of())).isNull();
        assertThat(HeadersJson.parse(null)).isEmpty();
        assertThat(HeadersJson.parse(" { } ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "null", "true", "1", "\"text\"", "[]", "[{}]", "nonsense", "\uFEFF{}"})
    void whatDoesNotBeginAsAnObjectIsRefused(String text) {
        refused(text, "The headers are no JSON object of strings: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}", "{\"a\":null}", "{\"a\":true}", "{\"a\":{\"b\":\"c\"}}", "{\"a\":[\"b\"]}"})
    void aValueThatIsNoStringIsRefusedByName(String text) {
        refused(text, "The headers are no JSON object of strings: the value of 'a' is no string.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"a",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":\"b",
                "{\"a\":\"b\"",
                "{\"a\":\"b\",",
                "{\"a\":\"b\",}",
                "{a:\"b\"}",
                "{'a':'b'}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"line\nbreak\"}",
                "{\"a\" \"b\"}"
            })
    void whatIsCutOffOrNoJsonIsRefused(String text) {
        refused(text, "cannot be read as JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{} {}", "{}1", "{\"a\":\"b\"} \"c\""})
    void whatGoesOnAfterTheObjectIsRefused(String text) {
        refused(text, "The headers go on after the end of their JSON object.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}}", "{} x", "{},"})
    void garbageAfterTheObjectIsRefused(String text) {
        refused(text, "The headers ");
    }

    @Test
    void aNameGivenTwiceIsRefused() {
        refused("{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\"}", "'a' is given twice.");
    }

    @Test
    void deepNestingIsRefusedAtItsFirstStep() {
        refused("[".repeat(1_000_000), "they do not begin with {");
        refused("{\"a\":".repeat(1_000_000), "the value of 'a' is no string");
    }

    private static void refused(String text, String reason) {
        assertThatThrownBy(() -> HeadersJson.parse(text))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(reason);
    }
}
