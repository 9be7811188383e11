package io.bida.benchmarks;

import io.bida.benchmarks.Draining.Drained;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast waiting messages are delivered, against how fast the same rows can be read and deleted. */
@Command(name = "drain", description = "Delivers what waits. Raw: the same rows read and deleted by plain JDBC.")
final class Drain implements Measurement {

    static final int MOST_HEAP = 512;

    @Option(names = "--messages", description = "waiting when a round begins (${DEFAULT-VALUE})")
    private int messages = 100_000;

    @Option(names = "--payload", description = "bytes of each (${DEFAULT-VALUE})")
    private int payload = Shape.USUAL_PAYLOAD;

    @Option(names = "--keys", description = "ordering keys; then also compared to messages without (none)")
    private int keys;

    @Option(names = "--history", description = "delivered messages are recorded")
    private boolean history;

    @Option(names = "--relays", description = "that share the work (${DEFAULT-VALUE})")
    private int relays = 1;

    @Option(names = "--sink", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Behaviour sink = Behaviour.AT_ONCE;

    private final Samples raw = new Samples();
    private final Samples relayed = new Samples();
    private final Samples relayedUnkeyed = new Samples();
    private final Samples heap = new Samples();

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database()) {
            RelayOrder order = RelayOrder.of(database)
                    .withHistory(history)
                    .withRelays(relays)
                    .withSink(sink);
            Draining draining = Draining.all(run.bench(), database, new Shape(payload, keys), messages);
            Draining unkeyed = Draining.all(run.bench(), database, new Shape(payload, 0), messages);
            run.takeTurns(
                    () -> raw.add(draining.raw().perSecond()),
                    () -> note(draining.relayed(order)),
                    () -> relayedUnkeyed.add(
                            keys == 0 ? 0 : unkeyed.relayed(order).perSecond()));
        }
        report(run);
    }

    private void note(Drained drained) {
        relayed.add(drained.perSecond());
        heap.add(drained.peakHeap());
    }

    private void report(Run run) {
        run.compare("drain, messages/s", raw, relayed, Target.ratioAtLeast(history ? 0.40 : 0.80));
        if (keys > 0) {
            run.compare("drain, messages/s; raw: without keys", relayedUnkeyed, relayed, Target.ratioAtLeast(0.70));
        }
        run.report("drain, peak heap, MiB", heap, Target.atMost(MOST_HEAP));
    }
}
