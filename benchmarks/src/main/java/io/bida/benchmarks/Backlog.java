package io.bida.benchmarks;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether the rate depends on how many messages are waiting. */
@Command(
        name = "backlog",
        description = "Delivers a slice of a backlog, which is then filled up again. Raw: the same by plain JDBC.")
final class Backlog implements Measurement {

    @Option(names = "--waiting", split = ",", description = "messages when a round begins (${DEFAULT-VALUE})")
    private List<Integer> waiting = List.of(10_000, 100_000, 1_000_000, 5_000_000);

    @Option(names = "--slice", description = "messages that a round delivers at most (${DEFAULT-VALUE})")
    private int slice = 100_000;

    /** One size, in a database of its own, so that it is filled only once. */
    private static final class Size implements AutoCloseable {

        private final int waiting;
        private final Database database;
        private final Draining draining;
        private final Samples raw = new Samples();
        private final Samples relayed = new Samples();

        Size(Bench bench, int waiting, int slice) throws SQLException {
            this.waiting = waiting;
            database = bench.database();
            draining = new Draining(bench, database, Shape.USUAL, waiting, slice);
        }

        List<Rounds.Side> sides() {
            return List.of(
                    () -> raw.add(draining.raw().perSecond()),
                    () -> relayed.add(draining.relayed(RelayOrder.of(database)).perSecond()));
        }

        void report(Run run, Size smallest) {
            String waits = Row.number(waiting) + " waiting";
            run.compare("drain, messages/s, " + waits, raw, relayed, Target.ratioAtLeast(0.80));
            if (smallest.waiting < waiting) {
                String other = "; raw: " + Row.number(smallest.waiting) + " waiting";
                run.compare(
                        "drain, messages/s, " + waits + other, smallest.relayed, relayed, Target.ratioAtLeast(0.90));
            }
            run.point("backlog", "relay", Row.number(waiting), relayed.median());
            run.point("backlog", "plain JDBC", Row.number(waiting), raw.median());
        }

        @Override
        public void close() throws SQLException {
            database.close();
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        List<Size> sizes = new ArrayList<>();
        try {
            List<Rounds.Side> sides = new ArrayList<>();
            for (int each : waiting) {
                Size size = new Size(run.bench(), each, slice);
                sizes.add(size);
                sides.addAll(size.sides());
            }
            Rounds.take(run.rounds(), sides);
            sizes.forEach(size -> size.report(run, sizes.get(0)));
        } finally {
            for (Size size : sizes) {
                size.close();
            }
        }
    }
}
