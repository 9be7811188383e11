package io.bida.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.RefusedException;
import org.junit.jupiter.api.Test;

class PropertyNamesTest {

    private static final String TOKEN = "x!#$%&'*+-.^_`|~09AZaz__2D";

    @Test
    void eachCharacterOfAHeaderNameHasItsPlaceInAnIdentifier() {
        String encoded = PropertyNames.encode(TOKEN);

        assertThat(encoded).matches("[0-9A-Za-z_]+");
        assertThat(PropertyNames.decode(encoded)).isEqualTo(TOKEN);
        assertThat(PropertyNames.encode("X-Name")).isEqualTo("X_2DName");
    }

    @Test
    void whatIsNotEncodedIsRefused() {
        assertThatThrownBy(() -> PropertyNames.decode("X_Name"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("X_Name");
        assertThatThrownBy(() -> PropertyNames.decode("name_")).isInstanceOf(RefusedException.class);
    }
}
