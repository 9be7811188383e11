package io.bida.transport.mqtt;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code type: mqtt}. Options: {@code url}, {@code mqtt://host:port} or {@code mqtts:} for TLS; {@code user} and {@code
 * password}; {@code topic}, else the message's own, as it is; {@code client-id}, else the broker makes one; {@code timeout}
 * (5s); {@code properties} for TLS: {@code truststore}, {@code truststorePassword}, {@code keystore}, {@code
 * keystorePassword}.
 */
public final class MqttSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "mqtt";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "user", "password", "topic", "client-id", "timeout", "properties");
    }

    /** A broker that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        MqttAddress address = MqttAddress.of(
                settings.required("url"),
                settings.text("user").orElse(null),
                settings.text("password").orElse(null),
                timeout,
                properties(settings),
                settings::path);
        return new MqttSender(
                address,
                settings.text("topic").orElse(null),
                settings.text("client-id").orElse(null),
                timeout);
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
