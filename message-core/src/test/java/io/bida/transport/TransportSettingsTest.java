package io.bida.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportSettingsTest {

    @Test
    void whatIsGivenIsRead() {
        var settings = new TransportSettings("web", Map.of("url", "http://x", "timeout", "2s", "connections", 8));
        assertThat(settings.required("url")).isEqualTo("http://x");
        assertThat(settings.duration("timeout", Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.positive("connections", 1)).isEqualTo(8);
    }

    @Test
    void whatIsNotGivenIsTheDefaultOrAnErrorThatNamesIt() {
        var settings = new TransportSettings("web", Map.of());
        assertThat(settings.text("url")).isEmpty();
        assertThat(settings.duration("timeout", Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.positive("connections", 3)).isEqualTo(3);
        assertThatThrownBy(() -> settings.required("url"))
                .isInstanceOf(BidaException.class)
                .hasMessage("transports.web.url is missing.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "many", "99999999999"})
    void aCountIsAPositiveWholeNumber(String text) {
        var settings = new TransportSettings("web", Map.of("connections", text));
        assertThatThrownBy(() -> settings.positive("connections", 1))
                .isInstanceOf(BidaException.class)
                .hasMessage("transports.web.connections: '" + text + "' is no positive whole number.");
    }

    @Test
    void theSettingsStayAsTheyWere() {
        Map<String, Object> options = new HashMap<>(Map.of("url", "a"));
        var settings = new TransportSettings("web", options);
        options.put("url", "b");
        assertThat(settings.required("url")).isEqualTo("a");
    }
}
