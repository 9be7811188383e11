package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bida.message.BidaException;
import org.junit.jupiter.api.Test;

class PostgreSqlServerTest extends DatabaseServerContract<PostgreSqlServer> {

    PostgreSqlServerTest() {
        super(PostgreSqlServer.start());
    }

    @Override
    String setTimeZone() {
        return "SET TIME ZONE 'Asia/Tokyo'";
    }

    @Test
    void aServerThatDoesNotStartSaysWhy() {
        try (PostgreSqlServer broken = PostgreSqlServer.start(Durability.RELAXED)) {
            broken.kill();
            Folders.delete(broken.data().resolve("global"));
            assertThatExceptionOfType(BidaException.class)
                    .isThrownBy(broken::restart)
                    .withMessageStartingWith("PostgreSqlServer on port " + broken.port()
                            + " ended while it started; the end of its log:\n")
                    .withMessageContaining("global/pg_control");
        }
    }
}
