package io.bida.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Takes the sides of a comparison in turns, forth and back, so that what the machine does meanwhile meets all alike. Each
 * side adds one value per round to its {@link Samples}.
 */
final class Rounds {

    /** One side's round: prepare, measure, note. */
    interface Side {
        void take() throws Exception;
    }

    private Rounds() {}

    static void take(int rounds, List<Side> sides) throws Exception {
        List<Side> order = new ArrayList<>(sides);
        for (int round = 0; round < rounds; round++) {
            for (Side side : order) {
                side.take();
            }
            Collections.reverse(order);
        }
    }
}
