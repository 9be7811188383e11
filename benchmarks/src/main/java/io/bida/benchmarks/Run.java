package io.bida.benchmarks;

import java.util.List;

/**
 * What a measurement runs on.
 *
 * @param settings the command, for the rows
 */
record Run(Bench bench, int rounds, String settings, Table table) {

    void takeTurns(Rounds.Side... sides) throws Exception {
        Rounds.take(rounds, List.of(sides));
    }

    /** Adds a figure that has a counterpart. */
    void compare(String what, Samples raw, Samples bida, Target target) {
        table.add(new Row(what, settings, raw, bida, target));
    }

    /** Adds a figure that stands for itself. */
    void report(String what, Samples bida, Target target) {
        table.add(new Row(what, settings, null, bida, target));
    }

    void point(String chart, String series, String x, double y) {
        table.add(new Table.Point(chart, series, x, y));
    }
}
