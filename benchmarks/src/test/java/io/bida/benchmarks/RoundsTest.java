package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {

    @Test
    void theSidesTakeTurnsForthAndBack() throws Exception {
        List<String> taken = new ArrayList<>();

        Rounds.take(3, List.of(() -> taken.add("raw"), () -> taken.add("Bida")));

        assertThat(taken).containsExactly("raw", "Bida", "Bida", "raw", "raw", "Bida");
    }
}
