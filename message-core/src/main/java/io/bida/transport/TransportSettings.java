package io.bida.transport;

import io.bida.message.BidaException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of one transport as the configuration gives them. Immutable.
 *
 * @param name the transport's name in the configuration
 * @param options key to text, number, truth value or nested map
 */
public record TransportSettings(String name, Map<String, Object> options) {

    public TransportSettings {
        options = Map.copyOf(options);
    }

    public Optional<String> text(String key) {
        return Optional.ofNullable(options.get(key)).map(String::valueOf);
    }

    public String required(String key) {
        return text(key).orElseThrow(() -> new BidaException(path(key) + " is missing."));
    }

    public Duration duration(String key, Duration otherwise) {
        return text(key).map(text -> Durations.parse(path(key), text)).orElse(otherwise);
    }

    public int positive(String key, int otherwise) {
        return text(key).map(text -> parsePositive(path(key), text)).orElse(otherwise);
    }

    /** Where the setting stands in the configuration, for errors: {@code transports.web.url}. */
    public String path(String key) {
        return "transports." + name + "." + key;
    }

    private static int parsePositive(String path, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new BidaException(path + ": '" + text + "' is no positive whole number.");
    }
}
