package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A misspelt word is answered with the one that was meant, and no word with a wild guess. */
class NearestTest {

    @ParameterizedTest
    @CsvSource({"url,url,0", "ulr,url,2", "usr,user,1", "'',abc,3", "in_flight,in-flight,1"})
    void theDistanceIsTheLettersToChange(String a, String b, int distance) {
        assertThat(Nearest.distance(a, b)).isEqualTo(distance);
        assertThat(Nearest.distance(b, a)).isEqualTo(distance);
    }

    @Test
    void whatIsNearIsGuessedElseAllAreNamed() {
        assertThat(Nearest.hint("uesr", List.of("url", "user"))).isEqualTo("did you mean 'user'?");
        assertThat(Nearest.hint("colour", List.of("user", "url"))).isEqualTo("known are url, user.");
        assertThat(Nearest.hint("x", List.of("a"))).isEqualTo("known are a.");
        assertThat(Nearest.hint("x", List.of())).isEqualTo("there is none.");
    }
}
