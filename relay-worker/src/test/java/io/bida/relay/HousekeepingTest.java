package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The value with which an application says when its database is tidied. */
class HousekeepingTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "hourly", "0 * * * *", "61 * * * * ?", "* * * * * *"})
    void whatIsNoCronExpressionIsRefusedWithTheJobsName(String cron) {
        assertThatThrownBy(() -> new Housekeeping(Housekeeping.OFF, cron, Housekeeping.OFF, Housekeeping.OFF))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("attempts is '" + cron + "': off or a Quartz cron expression");
    }

    @Test
    void anExpressionThatTheJobStoreHasNoRoomForIsRefused() {
        String seconds = "0,".repeat(60) + "0 * * * * ?";

        assertThatThrownBy(() -> new Housekeeping(seconds, Housekeeping.OFF, Housekeeping.OFF, Housekeeping.OFF))
                .hasMessage("history has 131 characters: at most 120 are stored.");
    }

    @Test
    void everyJobMayBeOff() {
        assertThat(Housekeeping.NONE.history()).isEqualTo("off");
    }
}
