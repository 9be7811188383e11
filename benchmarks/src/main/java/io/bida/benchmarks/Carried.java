package io.bida.benchmarks;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.Brokers;
import io.bida.transport.Answer;
import io.bida.transport.Receiver;
import io.bida.transport.Sender;
import io.bida.transport.mqtt.MqttReceiver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast waiting messages reach real brokers, against how fast they would reach a sink that does nothing, and how fast
 * the broker takes them from the same sender without an outbox.
 */
@Command(
        name = "carriers",
        description = "Delivers what waits to a broker of its own, acknowledged. Raw: to a sink that accepts at once.")
final class Carried implements Measurement {

    private static final double OF_NOTHING = 0.60;

    @Option(names = "--transports", split = ",", description = "${COMPLETION-CANDIDATES} (all)")
    private List<Brokers> transports = List.of(Brokers.values());

    @Option(names = "--messages", description = "waiting when a round begins (${DEFAULT-VALUE})")
    private int messages = 500_000;

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
        try (Receiver warming = transport == Brokers.MQTT ? subscriber(broker) : () -> {}) {
            draining.relayed(carried);
            alone(broker);
        }
        Samples toNothing = new Samples();
        Samples toBroker = new Samples();
        Samples alone = new Samples();
        run.takeTurns(
                () -> toNothing.add(draining.relayed(nothing).perSecond()),
                () -> toBroker.add(draining.relayed(carried).perSecond()),
                () -> alone.add(alone(broker)));
        boolean promised = transport == Brokers.KAFKA || transport == Brokers.RABBITMQ;
        run.compare(
                "messages/s to " + broker.type() + "; raw: to a sink that does nothing",
                toNothing,
                toBroker,
                promised ? Target.ratioAtLeast(OF_NOTHING) : Target.NONE);
        run.compare(
                "messages/s to " + broker.type() + "; raw: from the same sender, without an outbox",
                alone,
                toBroker,
                Target.NONE);
    }

    private double alone(BrokerServer broker) throws InterruptedException {
        try (Sender sender = Carrier.open("bench", settings(broker))) {
            return Shipping.perSecond(sender, payload, messages);
        }
    }

    /** A broker of MQTT keeps messages for sessions, and refuses what nobody has subscribed to. */
    private static Receiver subscriber(BrokerServer broker) {
        Map<String, Object> settings = settings(broker);
        return MqttReceiver.from(BrokerServer.text(settings, "url"))
                .user(BrokerServer.text(settings, "user"))
                .password(BrokerServer.text(settings, "password"))
                .topic(BrokerServer.text(settings, "topic"))
                .group("bench")
                .to(message -> new Answer.Handled())
                .open();
    }

    private static Map<String, Object> settings(BrokerServer broker) {
        Map<String, Object> settings = new HashMap<>(broker.settings("bench"));
        settings.put("type", broker.type());
        return settings;
    }
}
