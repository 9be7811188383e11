package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each database says the same things in codes of its own. */
class DatabaseFaultTest {

    @ParameterizedTest
    @CsvSource({
        "28000, 1045, REFUSED_USER",
        "28000, 1698, REFUSED_USER",
        "42000, 1044, REFUSED_USER",
        "HY000, 1130, REFUSED_USER",
        "28P01, 0, REFUSED_USER",
        "28000, 0, REFUSED_USER",
        "42000, 1049, UNKNOWN_DATABASE",
        "3D000, 0, UNKNOWN_DATABASE",
        "90146, 90146, UNKNOWN_DATABASE",
        "42S02, 1146, MISSING_TABLES",
        "42P01, 0, MISSING_TABLES",
        "42S04, 42104, MISSING_TABLES",
        "42000, 1142, FORBIDDEN_TABLES",
        "42501, 0, FORBIDDEN_TABLES",
        "08S01, 0, UNREACHABLE",
        "08001, 0, UNREACHABLE",
        "08004, 1040, UNREACHABLE",
        "57P03, 0, UNREACHABLE",
        "53300, 0, UNREACHABLE",
        "90020, 90020, IN_USE",
        "42000, 1064, OTHER",
        ", 0, OTHER"
    })
    void aCodeIsUnderstood(String state, int code, DatabaseFault fault) {
        assertThat(DatabaseFault.of(new SQLException("", state, code))).isEqualTo(fault);
        assertThat(DatabaseFault.of(new RuntimeException(new SQLException("", state, code))))
                .isEqualTo(fault);
    }

    @Test
    void anUnknownHostIsToldFromAServerThatIsDown() {
        assertThat(DatabaseFault.of(new SQLException("", "08S01", new UnknownHostException("db"))))
                .isEqualTo(DatabaseFault.UNKNOWN_HOST);
    }

    @Test
    void waitingDoesNotMendAHandshake() {
        assertThat(DatabaseFault.of(new SQLException("", "08S01", new SSLHandshakeException("old")))
                        .passes())
                .isFalse();
    }
}
