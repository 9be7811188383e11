package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.bida.message.RefusedException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code type: nats}. Options: {@code url}, several with commas between them; {@code user} and {@code password}; {@code
 * subject} of all messages (each message's topic); {@code timeout} of an answer (5s); {@code create}, whether
 * a stream is created for a subject that none has (false); {@code properties}, a map of the NATS
 * client's own, such as {@code credential.path} or {@code token}.
 */
public final class NatsSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "user", "password", "subject", "timeout", "create", "properties");
    }

    /** A server that is down now is no error: its messages fail until it is up. */
    @Override
    public Sender create(TransportSettings settings) {
        Optional<String> subject = settings.text("subject");
        try {
            subject.ifPresent(NatsSubjects::toSendTo);
        } catch (RefusedException e) {
            throw new BidaException(settings.path("subject") + ": " + e.getMessage());
        }
        return new NatsSender(settings.name(), servers(settings), subject.orElse(null), isTrue(settings, "create"));
    }

    private static NatsServers servers(TransportSettings settings) {
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        if (timeout.isZero()) {
            throw new BidaException(settings.path("timeout") + " is above 0.");
        }
        String url = settings.required("url");
        Map<String, String> properties = properties(settings);
        try {
            return new NatsServers(
                    url,
                    settings.text("user").orElse(null),
                    settings.text("password").orElse(null),
                    timeout,
                    properties);
        } catch (BidaException e) {
            throw new BidaException(settings.path("url") + ": " + e.getMessage(), e);
        }
    }

    private static boolean isTrue(TransportSettings settings, String key) {
        String text = settings.text(key).orElse("false");
        if (!text.equals("true") && !text.equals("false")) {
            throw new BidaException(settings.path(key) + ": '" + text + "' is neither true nor false.");
        }
        return text.equals("true");
    }

    private static Map<String, String> properties(TransportSettings settings) {
        Object given = settings.options().getOrDefault("properties", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of the NATS client's properties.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return properties;
    }
}
