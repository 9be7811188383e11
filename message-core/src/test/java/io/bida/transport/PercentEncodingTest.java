package io.bida.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PercentEncodingTest {

    @Test
    void plainCharactersStayAndAllOthersAreEncodedAsTheBindingSays() {
        assertThat(PercentEncoding.encode("a!~:/?#")).isEqualTo("a!~:/?#");
        assertThat(PercentEncoding.encode("Euro € 😀")).isEqualTo("Euro%20%E2%82%AC%20%F0%9F%98%80");
        assertThat(PercentEncoding.encode("\"100%\"\r\n\u007f")).isEqualTo("%22100%25%22%0D%0A%7F");
        assertThat(PercentEncoding.encode("")).isEmpty();
    }

    @Test
    void whatWasEncodedIsDecoded() {
        for (String text : new String[] {"", "%", "%41", "é\t\u0001", "订单", "😀\"\\", "\"quoted\"", " spaces "}) {
            assertThat(PercentEncoding.decode(PercentEncoding.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void quotedValuesOfOlderProducersAndLowerCaseDigitsAreRead() {
        assertThat(PercentEncoding.decode("\"a \\\"b\\\" c\"")).isEqualTo("a \"b\" c");
        assertThat(PercentEncoding.decode("%e2%82%ac")).isEqualTo("€");
    }

    @Test
    void brokenEncodingsAreRefused() {
        for (String text : new String[] {"100%", "%4", "%zz", "%C3", "%FF"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> PercentEncoding.decode(text));
        }
    }
}
