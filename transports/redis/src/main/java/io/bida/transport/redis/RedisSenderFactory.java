package io.bida.transport.redis;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code type: redis}. Options: {@code url}, {@code redis://host:port/database} or {@code rediss:} for TLS; {@code user} and
 * {@code password}; {@code stream}, else the message's topic; {@code timeout} (5s); {@code create} a stream that is missing
 * (false); {@code wait-replicas}, how many must have a message beside the primary (none); {@code max-length}, about how many
 * of the newest entries of a stream are kept, whether they were read or not (all); {@code properties}, Jedis's own: {@code
 * clientName}, {@code truststore}, {@code truststorePassword}, {@code trustStoreType}, {@code keystore}, {@code
 * keystorePassword}, {@code keyStoreType}.
 */
public final class RedisSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "redis";
    }

    @Override
    public Set<String> options() {
        return Set.of(
                "url", "user", "password", "stream", "timeout", "create", "wait-replicas", "max-length", "properties");
    }

    /** A server that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        RedisAddress address = RedisAddress.of(
                settings.required("url"),
                settings.text("user").orElse(null),
                settings.text("password").orElse(null),
                timeout,
                properties(settings),
                settings::path);
        XAdd add = new XAdd(
                settings.text("stream").orElse(null), isTrue(settings, "create"), number(settings, "max-length"));
        return new RedisSender("bida-" + settings.name(), address, add, number(settings, "wait-replicas"), timeout);
    }

    private static int number(TransportSettings settings, String key) {
        return settings.text(key).isPresent() ? settings.positive(key, 1) : 0;
    }

    private static boolean isTrue(TransportSettings settings, String key) {
        String text = settings.text(key).orElse("false");
        if (!text.equals("true") && !text.equals("false")) {
            throw new BidaException(settings.path(key) + " is neither true nor false.");
        }
        return text.equals("true");
    }

    private static Map<String, String> properties(TransportSettings settings) {
        Object given = settings.options().getOrDefault("properties", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of names to values.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return properties;
    }
}
