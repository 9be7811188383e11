package io.bida.transport.redis;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.RedisServer;
import io.bida.transport.contract.Carrier;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;

final class RedisCarrier implements Carrier {

    private static final String HOST = "127.0.0.1";
    private static final int LARGEST = 2 << 20;

    private final RedisServer server = RedisServer.start("--proto-max-bulk-len", String.valueOf(LARGEST));
    private final FaultyProxy proxy = FaultyProxy.to(HOST, server.port());

    @Override
    public BrokerServer broker() {
        return server;
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public String newChannel() {
        String stream = "orders-" + UUID.randomUUID();
        create(stream);
        return stream;
    }

    void create(String stream) {
        try (Jedis jedis = jedis()) {
            jedis.xdel(stream, jedis.xadd(stream, Map.of("a", "stream"), XAddParams.xAddParams()));
        }
    }

    @Override
    public String type() {
        return "redis";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return Map.of("url", url(way), "password", server.password(), "stream", channel);
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        return Optional.of(Map.of("url", url(Way.STRAIGHT), "password", "wrong-secret", "stream", channel));
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(LARGEST + 1);
    }

    @Override
    public Receiving receive(Order order) {
        RedisReceiver receiver = receiver(order).open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    RedisReceiver.Builder receiver(Order order) {
        return RedisReceiver.from(url(order.way())).password(server.password()).stream(order.channel())
                .group(order.group())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .lease(Duration.ofSeconds(2));
    }

    @Override
    public List<String> deadLetters(String channel) {
        try (Jedis jedis = jedis()) {
            return jedis.xrange(channel + ".dead", (StreamEntryID) null, null).stream()
                    .map(entry -> entry.getFields().get("data"))
                    .toList();
        }
    }

    @Override
    public void putPlain(String channel, String text) {
        try (Jedis jedis = jedis()) {
            jedis.xadd(channel, Map.of("data", text), XAddParams.xAddParams());
        }
    }

    String url(Way way) {
        return "redis://" + HOST + ":" + (way == Way.PROXIED ? proxy.port() : server.port());
    }

    Jedis jedis() {
        return jedis(server);
    }

    static Jedis jedis(RedisServer server) {
        return new Jedis(
                new HostAndPort(HOST, server.port()),
                DefaultJedisClientConfig.builder()
                        .resp2()
                        .password(server.password())
                        .build());
    }

    @Override
    public void close() {
        proxy.close();
        server.close();
    }
}
