package io.bida.transport.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.MosquittoServer;
import io.bida.transport.contract.Carrier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A topic has its own client id per group, as a session would have the subscriptions of all topics of a test. */
final class MqttCarrier implements Carrier {

    private static final String HOST = "127.0.0.1";
    private static final String GROUP = "stock";

    private final MosquittoServer server = MosquittoServer.start();
    private final FaultyProxy proxy = FaultyProxy.to(HOST, server.port());
    private final Queue<Mqtt5Publish> dead = new ConcurrentLinkedQueue<>();
    private final Mqtt5AsyncClient deadLetters =
            client("dead-letters").automaticReconnectWithDefaultConfig().buildAsync();

    MqttCarrier() {
        deadLetters.publishes(MqttGlobalPublishFilter.ALL, dead::add);
        deadLetters.connectWith().cleanStart(false).noSessionExpiry().send().join();
    }

    @Override
    public MosquittoServer broker() {
        return server;
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    /** The receiver's session is there before the first message: MQTT keeps none for nobody. */
    @Override
    public String newChannel() {
        String topic = "orders/" + UUID.randomUUID();
        deadLetters
                .subscribeWith()
                .topicFilter(topic + ".dead")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .join();
        subscribe(clientId(GROUP, topic), topic);
        return topic;
    }

    void subscribe(String clientId, String topic) {
        Mqtt5BlockingClient session = client(clientId).buildBlocking();
        session.connectWith().cleanStart(false).noSessionExpiry().send();
        session.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
        session.disconnect();
    }

    @Override
    public String type() {
        return "mqtt";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return Map.of("url", url(way), "user", server.user(), "password", server.password(), "topic", channel);
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        return Optional.of(
                Map.of("url", url(Way.STRAIGHT), "user", server.user(), "password", "wrong-secret", "topic", channel));
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(MosquittoServer.MAX_PACKET);
    }

    @Override
    public Receiving receive(Order order) {
        MqttReceiver receiver = receiver(order).open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    MqttReceiver.Builder receiver(Order order) {
        return MqttReceiver.from(url(order.way()))
                .user(server.user())
                .password(server.password())
                .topic(order.channel())
                .group(clientId(order.group(), order.channel()))
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window());
    }

    static String clientId(String group, String topic) {
        return group + "-" + topic;
    }

    @Override
    public List<String> deadLetters(String channel) {
        return dead.stream()
                .filter(letter -> letter.getTopic().toString().equals(channel + ".dead"))
                .map(letter -> new String(letter.getPayloadAsBytes(), UTF_8))
                .toList();
    }

    @Override
    public void putPlain(String channel, String text) {
        put(Mqtt5Publish.builder()
                .topic(channel)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(UTF_8))
                .build());
    }

    void put(Mqtt5Publish publish) {
        Mqtt5BlockingClient client = client(UUID.randomUUID().toString()).buildBlocking();
        client.connect();
        client.publish(publish);
        client.disconnect();
    }

    /** It answers for what is in its memory, which it writes when it ends tidily. */
    @Override
    public void restartBroker() {
        server.bounce();
    }

    String url(Way way) {
        return "mqtt://" + HOST + ":" + (way == Way.PROXIED ? proxy.port() : server.port());
    }

    Mqtt5ClientBuilder client(String id) {
        return Mqtt5Client.builder()
                .identifier(id)
                .serverHost(HOST)
                .serverPort(server.port())
                .simpleAuth()
                .username(server.user())
                .password(server.password().getBytes(UTF_8))
                .applySimpleAuth();
    }

    @Override
    public void close() {
        deadLetters.disconnect().exceptionally(notConnected -> null).join();
        proxy.close();
        server.close();
    }
}
