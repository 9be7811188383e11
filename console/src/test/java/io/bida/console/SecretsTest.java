package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What drivers and parsers say is passed on without the secrets in it. */
class SecretsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Malformed jdbc:mysql://u:pw@db/x          | Malformed jdbc:mysql://u:***@db/x
            Malformed jdbc:x://db?password=pw&a=b     | Malformed jdbc:x://db?password=***&a=b
            No property sslPassword=pw; stop          | No property sslPassword=***; stop
            Unknown option: '--passwrd=topsecret'     | Unknown option: '--passwrd=***'
            Access denied (using password: YES)       | Access denied (using password: ***)
            """)
    void aSecretIsHidden(String said, String shown) {
        assertThat(Secrets.hide(said, "topsecret")).isEqualTo(shown);
    }
}
