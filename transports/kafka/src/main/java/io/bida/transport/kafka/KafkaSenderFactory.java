package io.bida.transport.kafka;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code type: kafka}. Options: {@code properties}, a map of the Kafka producer's own, {@code bootstrap.servers} at least;
 * {@code topic}, where every message goes (by default each to its own topic); {@code timeout} (5s); {@code create}, whether
 * missing topics are created (false).
 */
public final class KafkaSenderFactory implements SenderFactory {

    private static final Duration SHORTEST = Duration.ofMillis(100);

    @Override
    public String type() {
        return "kafka";
    }

    @Override
    public Set<String> options() {
        return Set.of("properties", "topic", "timeout", "create");
    }

    @Override
    public Sender create(TransportSettings settings) {
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        if (timeout.compareTo(SHORTEST) < 0) {
            throw new BidaException(settings.path("timeout") + " is at least 100ms.");
        }
        KafkaSender.Builder sender =
                KafkaSender.to(properties(settings)).timeout(timeout).create(creates(settings));
        settings.text("topic").ifPresent(sender::topic);
        try {
            return sender.open();
        } catch (BidaException e) {
            throw new BidaException(settings.path("properties") + ": " + e.getMessage(), e);
        }
    }

    private static boolean creates(TransportSettings settings) {
        String create = settings.text("create").orElse("false");
        if (!create.equals("true") && !create.equals("false")) {
            throw new BidaException(settings.path("create") + ": '" + create + "' is neither true nor false.");
        }
        return create.equals("true");
    }

    private static Map<String, String> properties(TransportSettings settings) {
        if (!(settings.options().get("properties") instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of the Kafka producer's properties.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return properties;
    }
}
