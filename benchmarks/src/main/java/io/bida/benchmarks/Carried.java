package io.bida.benchmarks;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.Brokers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How fast waiting messages reach real brokers, against how fast they would reach a sink that does nothing. */
@Command(
        name = "carriers",
        description = "Delivers what waits to a broker of its own, acknowledged. Raw: to a sink that accepts at once.")
final class Carried implements Measurement {

    private static final double OF_NOTHING = 0.60;

    @Option(names = "--transports", split = ",", description = "${COMPLETION-CANDIDATES} (all)")
    private List<Brokers> transports = List.of(Brokers.values());

    @Option(names = "--messages", description = "waiting when a round begins (${DEFAULT-VALUE})")
    private int messages = 200_000;

    @Option(names = "--payload", description = "bytes of each (${DEFAULT-VALUE})")
    private int payload = Shape.USUAL_PAYLOAD;

    @Option(names = "--keys", description = "ordering keys (none)")
    private int keys;

    @Override
    public void measure(Run run) throws Exception {
        for (Brokers transport : transports) {
            try (Database database = run.bench().database();
                    BrokerServer broker = transport.start()) {
                measure(run, database, transport, broker);
            }
        }
    }

    private void measure(Run run, Database database, Brokers transport, BrokerServer broker) throws Exception {
        RelayOrder nothing = RelayOrder.of(database);
        RelayOrder carried = nothing.carriedBy(settings(broker));
        Draining draining = Draining.all(run.bench(), database, new Shape(payload, keys), messages);
        draining.relayed(carried);
        Samples toNothing = new Samples();
        Samples toBroker = new Samples();
        run.takeTurns(
                () -> toNothing.add(draining.relayed(nothing).perSecond()),
                () -> toBroker.add(draining.relayed(carried).perSecond()));
        boolean promised = transport == Brokers.KAFKA || transport == Brokers.RABBITMQ;
        run.compare(
                "messages/s to " + broker.type() + "; raw: to a sink that does nothing",
                toNothing,
                toBroker,
                promised ? Target.ratioAtLeast(OF_NOTHING) : Target.NONE);
    }

    private static Map<String, Object> settings(BrokerServer broker) {
        Map<String, Object> settings = new HashMap<>(broker.settings("bench"));
        settings.put("type", broker.type());
        return settings;
    }
}
