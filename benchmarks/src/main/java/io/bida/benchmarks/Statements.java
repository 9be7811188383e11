package io.bida.benchmarks;

import io.bida.benchmarks.StatementCounter.Counts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many statements a batch of 500 messages costs, counted by the server. */
@Command(
        name = "statements",
        description =
                "Statements and commits per 500 messages, counted by the server. Raw: read and deleted by plain JDBC.")
final class Statements implements Measurement {

    private static final double BATCH = 500;

    @Option(names = "--messages", description = "waiting when a round begins (${DEFAULT-VALUE})")
    private int messages = 200_000;

    private final PerBatch raw = new PerBatch();
    private final PerBatch plain = new PerBatch();
    private final PerBatch withHistory = new PerBatch();

    private record PerBatch(Samples reads, Samples writes, Samples commits) {

        PerBatch() {
            this(new Samples(), new Samples(), new Samples());
        }

        void add(Counts counts, double batches) {
            reads.add(counts.reads() / batches);
            writes.add(counts.writes() / batches);
            commits.add(counts.commits() / batches);
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database();
                StatementCounter counter = run.bench().counter()) {
            Draining draining = Draining.all(run.bench(), database, Shape.USUAL, messages);
            RelayOrder order = RelayOrder.of(database);
            run.bench().relay();
            run.takeTurns(
                    () -> count(counter, draining, raw, draining::drainRaw),
                    () -> count(counter, draining, plain, () -> draining.drain(order)),
                    () -> count(counter, draining, withHistory, () -> draining.drain(order.withHistory(true))));
        }
        report(run, "", plain, 1);
        report(run, ", history", withHistory, 2);
    }

    private void count(StatementCounter counter, Draining draining, PerBatch counts, Rounds.Side drain)
            throws Exception {
        draining.fill();
        Counts before = counter.read();
        drain.take();
        counts.add(counter.read().since(before), messages / BATCH);
    }

    private void report(Run run, String how, PerBatch counts, int writes) {
        run.compare("reads per 500 messages" + how, raw.reads(), counts.reads(), Target.NONE);
        run.compare("writes per 500 messages" + how, raw.writes(), counts.writes(), Target.atMost(nearly(writes)));
        run.compare("commits per 500 messages" + how, raw.commits(), counts.commits(), Target.atMost(nearly(1)));
    }

    /** Leases are taken and kept meanwhile, and the last batches are not full. */
    private static double nearly(int statements) {
        return statements * 1.1;
    }
}
