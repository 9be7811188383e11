package io.bida.transport.rocketmq;

import io.bida.message.BidaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.ClientConfig;

/**
 * What the user sets of the client beyond Bida's own settings, by the names of the client's setters: {@code useTLS}, {@code
 * namespace}, {@code pullThresholdForQueue}. Immutable.
 *
 * @param values name to value
 * @param path where they stand, for errors
 */
record ClientProperties(Map<String, String> values, String path) {

    ClientProperties {
        values = Map.copyOf(values);
    }

    /** Those that every client has, producer or consumer. */
    ClientProperties common() {
        return new ClientProperties(
                values.entrySet().stream()
                        .filter(entry ->
                                setter(ClientConfig.class, entry.getKey()).isPresent())
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
                path);
    }

    void applyTo(ClientConfig client) {
        values.forEach((name, value) -> {
            Method setter = setter(client.getClass(), name)
                    .orElseThrow(() -> new BidaException(
                            path + ": a " + client.getClass().getSimpleName() + " has no property " + name + "."));
            set(client, setter, name, value);
        });
    }

    private void set(ClientConfig client, Method setter, String name, String value) {
        try {
            setter.invoke(client, converted(value, setter.getParameterTypes()[0]));
        } catch (IllegalArgumentException | InvocationTargetException e) {
            // Not the value: it may be a secret.
            throw new BidaException(path + "." + name + " is not of the kind that it is expected to be: "
                    + setter.getParameterTypes()[0].getSimpleName() + ".");
        } catch (IllegalAccessException e) {
            throw new BidaException(path + "." + name + " cannot be set.", e);
        }
    }

    private static Optional<Method> setter(Class<?> client, String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        return Arrays.stream(client.getMethods())
                .filter(method -> method.getName().equals(setter)
                        && method.getParameterCount() == 1
                        && isSimple(method.getParameterTypes()[0]))
                .findFirst();
    }

    private static boolean isSimple(Class<?> type) {
        return type == String.class
                || type == int.class
                || type == long.class
                || type == boolean.class
                || type.isEnum();
    }

    private static Object converted(String value, Class<?> type) {
        if (type == int.class) {
            return Integer.valueOf(value);
        }
        if (type == long.class) {
            return Long.valueOf(value);
        }
        if (type == boolean.class) {
            if (!value.equals("true") && !value.equals("false")) {
                throw new IllegalArgumentException("neither true nor false");
            }
            return Boolean.valueOf(value);
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> constant.toString().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no such constant"));
        }
        return value;
    }
}
