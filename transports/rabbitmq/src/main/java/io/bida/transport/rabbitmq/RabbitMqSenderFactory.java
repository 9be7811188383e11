package io.bida.transport.rabbitmq;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code type: rabbitmq}. Options: {@code url}, {@code user}, {@code password}; {@code queue}, or {@code exchange} (the
 * default exchange) and {@code routing-key} (the message's topic); {@code timeout} of connecting and of each answer (5s);
 * {@code create} what is missing (false); {@code properties}, a map of the client's own.
 */
public final class RabbitMqSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "rabbitmq";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "user", "password", "queue", "exchange", "routing-key", "timeout", "create", "properties");
    }

    /** A broker that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        RabbitMqSender.Builder sender = RabbitMqSender.to(settings.required("url"))
                .name(settings.name())
                .timeout(settings.duration("timeout", Duration.ofSeconds(5)))
                .create(isTrue(settings, "create"))
                .properties(properties(settings));
        settings.text("user").ifPresent(sender::user);
        settings.text("password").ifPresent(sender::password);
        settings.text("queue").ifPresent(sender::queue);
        settings.text("exchange").ifPresent(sender::exchange);
        settings.text("routing-key").ifPresent(sender::routingKey);
        try {
            return sender.open();
        } catch (BidaException e) {
            // It begins with the option's name.
            throw new BidaException(settings.path(String.valueOf(e.getMessage())), e);
        }
    }

    private static boolean isTrue(TransportSettings settings, String key) {
        String text = settings.text(key).orElse("false");
        if (!Set.of("true", "false").contains(text)) {
            throw new BidaException(settings.path(key) + ": '" + text + "' is neither true nor false.");
        }
        return text.equals("true");
    }

    private static Map<String, String> properties(TransportSettings settings) {
        Object given = settings.options().getOrDefault("properties", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of the client's properties to values.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return properties;
    }
}
