package io.bida.examples.demo;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.Brokers;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.util.Map;
import java.util.ServiceLoader;

/** A broker of its own that is killed and comes back. */
final class BrokerRoad implements Road {

    private static final String CHANNEL = "orders";

    private final BrokerServer broker;
    private final Sender sender;
    private final Receiver receiver;

    private BrokerRoad(Brokers kind, Intake stock) {
        broker = kind.start();
        try {
            Map<String, Object> settings = broker.settings(CHANNEL);
            sender = sender(broker.type(), settings);
            receiver = Receivers.open(broker.type(), settings, stock);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    static BrokerRoad over(Brokers kind, Intake stock) {
        return new BrokerRoad(kind, stock);
    }

    /** As a relay's configuration would make it. */
    private static Sender sender(String type, Map<String, Object> settings) {
        return ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(factory -> factory.type().equals(type))
                .findFirst()
                .orElseThrow()
                .create(new TransportSettings(type, settings));
    }

    @Override
    public Sender sender() {
        return sender;
    }

    @Override
    public Weather weather() {
        return Weather.of(broker);
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
        broker.close();
    }
}
