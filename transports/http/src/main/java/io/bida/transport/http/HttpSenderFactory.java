package io.bida.transport.http;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code type: http}. Options: {@code url}; {@code timeout} of one exchange (5s); {@code secret} to sign with; {@code
 * connections}, exchanges at once (64); {@code headers}, a map of fixed request headers.
 */
public final class HttpSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "http";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "timeout", "secret", "connections", "headers");
    }

    @Override
    public Sender create(TransportSettings settings) {
        HttpSender.Builder sender = HttpSender.to(url(settings))
                .timeout(settings.duration("timeout", Duration.ofSeconds(5)))
                .connections(settings.positive("connections", 64))
                .headers(headers(settings));
        try {
            settings.text("secret").ifPresent(sender::secret);
            return sender.open();
        } catch (BidaException e) {
            throw new BidaException("transports." + settings.name() + ": " + e.getMessage(), e);
        }
    }

    private static URI url(TransportSettings settings) {
        try {
            return new URI(settings.required("url"));
        } catch (URISyntaxException e) {
            throw new BidaException(settings.path("url") + " is no URL.");
        }
    }

    private static Map<String, String> headers(TransportSettings settings) {
        Object given = settings.options().getOrDefault("headers", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("headers") + " is no map of header names to values.");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        map.forEach((name, value) -> headers.put(String.valueOf(name), String.valueOf(value)));
        return headers;
    }
}
