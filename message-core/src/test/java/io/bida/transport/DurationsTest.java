package io.bida.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({"250ms,250", "5s,5000", "0.5s,500", "2m,120000", "1h,3600000", "1d,86400000", "' 3 s ',3000", "0s,0"})
    void aNumberWithAUnitIsADuration(String text, long millis) {
        assertThat(Durations.parse("timeout", text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void aFractionOfAMillisecondIsKept() {
        assertThat(Durations.parse("timeout", "0.25ms")).isEqualTo(Duration.ofNanos(250_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 sec", "PT5S", "5S", "1h30m", ".5s", "5.s", "1e3s", "\u0665s"})
    void anythingElseIsRefusedWithTheSettingsName(String text) {
        assertThatThrownBy(() -> Durations.parse("transports.web.timeout", text))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("transports.web.timeout: '" + text + "' is no duration");
    }
}
