package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.NatsServer;
import io.bida.transport.contract.Carrier;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** NATS as the contract sees it: a channel is a subject with a stream of its own, and one for its dead letters. */
final class NatsCarrier implements Carrier {

    private final NatsServer server = NatsServer.start();
    private final FaultyProxy proxy = FaultyProxy.to("127.0.0.1", server.port());
    private final AtomicInteger channels = new AtomicInteger();

    interface Work<T> {
        T with(Connection connection) throws Exception;
    }

    @Override
    public NatsServer broker() {
        return server;
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public String newChannel() {
        String channel = "channel-" + channels.incrementAndGet() + ".events";
        stream(channel, stream -> {});
        stream(channel + ".dead", stream -> {});
        return channel;
    }

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return Map.of("url", url(way), "user", server.user(), "password", server.password(), "subject", channel);
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        Map<String, Object> settings = new HashMap<>(settings(Way.STRAIGHT, channel));
        settings.put("password", "wrong-secret");
        return Optional.of(settings);
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(9_000_000);
    }

    @Override
    public Receiving receive(Order order) {
        NatsReceiver receiver = NatsReceiver.from(url(order.way()))
                .user(server.user())
                .password(server.password())
                .subject(order.channel())
                .group(order.group())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .ackWait(Duration.ofSeconds(2))
                .open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    @Override
    public List<String> deadLetters(String channel) {
        return with(connection -> {
            JetStreamManagement management = connection.jetStreamManagement();
            String stream = streamOf(channel + ".dead");
            long count = management.getStreamInfo(stream).getStreamState().getMsgCount();
            List<String> payloads = new ArrayList<>();
            for (long i = 1; i <= count; i++) {
                MessageInfo info = management.getMessage(stream, i);
                payloads.add(new String(info.getData(), StandardCharsets.UTF_8));
            }
            return payloads;
        });
    }

    @Override
    public void putPlain(String channel, String text) {
        with(connection -> {
            JetStream stream = connection.jetStream();
            return stream.publish(channel, text.getBytes(StandardCharsets.UTF_8));
        });
    }

    @Override
    public boolean dropsResends() {
        return true;
    }

    @Override
    public void close() {
        proxy.close();
        server.close();
    }

    <T> T with(Work<T> work) {
        Options options = new Options.Builder()
                .server(url(Way.STRAIGHT))
                .userInfo(server.user(), server.password())
                .build();
        try (Connection connection = Nats.connect(options)) {
            return work.with(connection);
        } catch (Exception e) {
            throw new BidaException("The test's own connection to NATS failed.", e);
        }
    }

    void stream(String subject, Consumer<StreamConfiguration.Builder> further) {
        StreamConfiguration.Builder stream =
                StreamConfiguration.builder().name(streamOf(subject)).subjects(subject);
        further.accept(stream);
        with(connection -> connection.jetStreamManagement().addStream(stream.build()));
    }

    static String streamOf(String subject) {
        return subject.replace('.', '_');
    }

    String url(Way way) {
        return "nats://127.0.0.1:" + (way == Way.STRAIGHT ? server.port() : proxy.port());
    }
}
