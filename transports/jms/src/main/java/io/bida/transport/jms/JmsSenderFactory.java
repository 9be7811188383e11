package io.bida.transport.jms;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Type {@code jms}: the provider's {@code factory} (a class that is a {@link ConnectionFactory}), its {@code url}, the map
 * {@code properties} that are set on the factory, {@code user}, {@code password}; a {@code queue} or a {@code topic}, else
 * the queue named as the message's topic; the {@code timeout} of a transaction (5 s), the number of {@code connections} (2),
 * and {@code deduplication}, the property by which the broker drops what it has ({@code _AMQ_DUPL_ID}).
 */
public final class JmsSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "jms";
    }

    @Override
    public Set<String> options() {
        return Set.of(
                "factory",
                "url",
                "properties",
                "user",
                "password",
                "queue",
                "topic",
                "timeout",
                "connections",
                "deduplication");
    }

    /** A broker that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        ProviderFactory provider = ProviderFactory.of(
                settings.path("factory"),
                settings.required("factory"),
                settings.text("url").orElse(null));
        properties(settings)
                .forEach((name, value) -> provider.set(settings.path("properties") + "." + name, name, value));
        JmsSender.Builder sender = JmsSender.to(provider.factory())
                .timeout(settings.duration("timeout", Duration.ofSeconds(5)))
                .connections(settings.positive("connections", 2));
        settings.text("user").ifPresent(user -> sender.login(user, settings.required("password")));
        settings.text("queue").ifPresent(sender::queue);
        settings.text("topic").ifPresent(sender::topic);
        settings.text("deduplication").ifPresent(sender::deduplication);
        if (settings.text("queue").isPresent() && settings.text("topic").isPresent()) {
            throw new BidaException(settings.path("topic") + ": there is a queue already; give one of them.");
        }
        return sender.open();
    }

    private static Map<String, String> properties(TransportSettings settings) {
        Object given = settings.options().getOrDefault("properties", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of names and values.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return properties;
    }
}
