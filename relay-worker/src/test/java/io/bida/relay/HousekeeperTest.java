package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.DurableQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The turns of housekeeping. */
@Timeout(60)
class HousekeeperTest {

    private final DataSource database = H2.fresh();
    private final Jdbi jdbi = Jdbi.create(database);

    @Test
    void aTriggerThatQuartzSetAsideIsTakenUpAgain() throws Exception {
        RelaySettings settings = new RelaySettings(
                "test",
                database,
                DurableQueue.OUTBOX,
                Map.of(),
                List.of(),
                RetryPolicy.DEFAULT,
                500,
                Duration.ofSeconds(10),
                100,
                1 << 20,
                Duration.ofHours(1),
                new Housekeeping("0 0 0 1 1 ? 2099", Housekeeping.OFF, Housekeeping.OFF, Housekeeping.OFF),
                Duration.ofSeconds(1),
                List.of());
        try (Housekeeper housekeeper = new Housekeeper(settings, H2.DIALECT, "node")) {
            turn(housekeeper);
            assertThat(state()).isEqualTo("WAITING");
            jdbi.useHandle(handle -> handle.execute("UPDATE BIDA_QRTZ_TRIGGERS SET TRIGGER_STATE = 'ERROR'"));
            turn(housekeeper);

            assertThat(state()).isEqualTo("WAITING");
        }
    }

    /** One that does not sleep. */
    private static void turn(Housekeeper housekeeper) throws Exception {
        housekeeper.stop();
        housekeeper.turn();
    }

    private String state() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT TRIGGER_STATE FROM BIDA_QRTZ_TRIGGERS")
                .mapTo(String.class)
                .one());
    }
}
