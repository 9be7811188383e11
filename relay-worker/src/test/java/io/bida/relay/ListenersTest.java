package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenersTest {

    @Test
    void oneThatFailsKeepsNoOtherFromHearing() {
        List<String> heard = new ArrayList<>();
        RelayListener failing = new RelayListener() {
            @Override
            public void destinationUp(String destination, Duration wasDown) {
                throw new IllegalStateException("no ear");
            }
        };
        RelayListener hearing = new RelayListener() {
            @Override
            public void destinationUp(String destination, Duration wasDown) {
                heard.add(destination);
            }
        };
        Listeners listeners = new Listeners("relay", List.of(failing, hearing));
        assertThatCode(() -> listeners.destinationUp("web", Duration.ZERO)).doesNotThrowAnyException();
        assertThat(heard).containsExactly("web");
    }
}
