package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bida.message.BidaException;
import org.junit.jupiter.api.Test;

class ServerTemplateTest {

    @Test
    void missingBinariesAreNamed() {
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> ServerTemplate.of("no/such/server", "org.example:server:1", (source, folder) -> {}))
                .withMessage("The server's binaries are not on the class path: add the Maven artifact"
                        + " org.example:server:1 to the tests.");
    }
}
