package io.bida.benchmarks;

import io.bida.benchmarks.Draining.Drained;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a drain costs in processor time and memory. */
@Command(
        name = "footprint",
        description =
                "Processor time of server and client, per 100,000 messages, and the relay's peak heap. Raw: the same"
                        + " rows read and deleted by plain JDBC.")
final class Footprint implements Measurement {

    private static final double PER = 100_000;

    @Option(names = "--messages", description = "waiting when a round begins (${DEFAULT-VALUE})")
    private int messages = 100_000;

    @Option(names = "--payload", description = "bytes of each (${DEFAULT-VALUE})")
    private int payload = Shape.USUAL_PAYLOAD;

    private final Samples rawServer = new Samples();
    private final Samples rawClient = new Samples();
    private final Samples server = new Samples();
    private final Samples relay = new Samples();
    private final Samples heap = new Samples();

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database()) {
            Draining draining = Draining.all(run.bench(), database, new Shape(payload, 0), messages);
            run.takeTurns(() -> note(draining.raw(), rawServer, rawClient), () -> {
                Drained drained = draining.relayed(RelayOrder.of(database));
                note(drained, server, relay);
                heap.add(drained.peakHeap());
            });
        }
        run.compare("server CPU, s per 100 k", rawServer, server, Target.NONE);
        run.compare("relay CPU, s per 100 k; raw: plain JDBC", rawClient, relay, Target.NONE);
        run.report("peak heap, MiB", heap, Target.atMost(Drain.MOST_HEAP));
    }

    private void note(Drained drained, Samples serverCpu, Samples clientCpu) {
        serverCpu.add(drained.serverCpu() * PER / messages);
        clientCpu.add(drained.clientCpu() * PER / messages);
    }
}
