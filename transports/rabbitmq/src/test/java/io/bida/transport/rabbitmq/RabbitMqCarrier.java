package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.bida.testkit.BrokerServer;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.RabbitMqServer;
import io.bida.transport.contract.Carrier;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

final class RabbitMqCarrier implements Carrier {

    private static final AtomicInteger CHANNELS = new AtomicInteger();

    private final String queueType;
    private final FaultyProxy proxy =
            FaultyProxy.to("127.0.0.1", Broker.server().port());

    /** @param queueType {@code quorum} or {@code classic} */
    RabbitMqCarrier(String queueType) {
        this.queueType = queueType;
    }

    @Override
    public BrokerServer broker() {
        return Broker.server();
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public String newChannel() {
        String queue = queueType + "-" + CHANNELS.incrementAndGet();
        Broker.declare(queue, Map.of("x-queue-type", queueType));
        Broker.declare(queue + ".dead", Map.of("x-queue-type", queueType));
        return queue;
    }

    @Override
    public String type() {
        return "rabbitmq";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return Map.of(
                "url", url(way),
                "user", Broker.server().user(),
                "password", Broker.server().password(),
                "queue", channel,
                "timeout", "4s");
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        Map<String, Object> settings = new HashMap<>(settings(Way.STRAIGHT, channel));
        settings.put("password", "wrong-secret");
        return Optional.of(settings);
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(RabbitMqServer.MAX_MESSAGE + 1);
    }

    @Override
    public Receiving receive(Order order) {
        RabbitMqReceiver receiver = RabbitMqReceiver.from(url(order.way()))
                .user(Broker.server().user())
                .password(Broker.server().password())
                .queue(order.channel())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    @Override
    public List<String> deadLetters(String channel) {
        return Broker.messages(channel + ".dead").stream()
                .map(message -> new String(message.getBody(), StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void putPlain(String channel, String text) {
        Broker.put(channel, new BasicProperties(), text);
    }

    @Override
    public void close() {
        proxy.close();
    }

    private String url(Way way) {
        int port = way == Way.PROXIED ? proxy.port() : Broker.server().port();
        return "amqp://127.0.0.1:" + port;
    }
}
