package io.bida.transport.rocketmq;

import io.bida.testkit.FaultyProxy;
import io.bida.testkit.RocketMqServer;
import io.bida.transport.contract.Carrier;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** RocketMQ as the contract sees it. The broker is slow to start, so all tests of the JVM have one. */
final class RocketMqCarrier implements Carrier {

    /** The client takes 4 MiB. */
    private static final int TOO_LARGE = 5 << 20;

    @Override
    public RocketMqServer broker() {
        return Broker.SERVER;
    }

    @Override
    public FaultyProxy proxy() {
        return Broker.PROXY;
    }

    @Override
    public String newChannel() {
        return Broker.CLIENT.createTopic(4);
    }

    @Override
    public String type() {
        return "rocketmq";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("url", nameServer(way));
        settings.put("user", broker().user());
        settings.put("password", broker().password());
        settings.put("topic", channel);
        settings.put("timeout", "3s");
        return settings;
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        Map<String, Object> settings = settings(Way.STRAIGHT, channel);
        settings.put("password", "wrong-secret");
        return Optional.of(settings);
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(TOO_LARGE);
    }

    @Override
    public Receiving receive(Order order) {
        RocketMqReceiver receiver = RocketMqReceiver.from(nameServer(order.way()))
                .user(broker().user(), broker().password())
                .topic(order.channel())
                .group(order.group())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    @Override
    public List<String> deadLetters(String channel) {
        return Broker.CLIENT.read(channel + "_dead").stream()
                .map(message -> new String(message.getBody(), StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void putPlain(String channel, String text) {
        Broker.CLIENT.put(channel, text);
    }

    /** The broker is the next test's as well. */
    @Override
    public void close() {}

    private String nameServer(Way way) {
        return way == Way.STRAIGHT ? broker().nameServer() : broker().proxiedNameServer();
    }

    ForeignClient client() {
        return Broker.CLIENT;
    }

    /** Begun by the first test that needs it. */
    private static final class Broker {

        static final RocketMqServer SERVER = RocketMqServer.start();
        static final FaultyProxy PROXY = FaultyProxy.on(SERVER.proxyPort(), "127.0.0.1", SERVER.brokerPort());
        static final ForeignClient CLIENT = new ForeignClient(SERVER);
    }
}
