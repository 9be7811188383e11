package io.bida.transport.jms;

import io.bida.message.BidaException;
import jakarta.jms.ConnectionFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A provider's connection factory, made and set by names, as a configuration gives them. */
final class ProviderFactory {

    private static final Map<Class<?>, Function<String, Object>> TYPES = Map.of(
            String.class, text -> text,
            int.class, Integer::valueOf,
            long.class, Long::valueOf,
            boolean.class, Boolean::valueOf,
            double.class, Double::valueOf,
            Integer.class, Integer::valueOf,
            Long.class, Long::valueOf,
            Boolean.class, Boolean::valueOf);

    private final ConnectionFactory factory;

    private ProviderFactory(ConnectionFactory factory) {
        this.factory = factory;
    }

    /**
     * @param path where the class name stands in the configuration, for errors
     * @param url given to the constructor that takes one text, which every open provider's factory has; null: no argument
     */
    static ProviderFactory of(String path, String className, @Nullable String url) {
        try {
            Class<?> type = Class.forName(className);
            Object made = url == null
                    ? type.getConstructor().newInstance()
                    : type.getConstructor(String.class).newInstance(url);
            if (made instanceof ConnectionFactory factory) {
                return new ProviderFactory(factory);
            }
            throw new BidaException(path + ": " + className + " is no jakarta.jms.ConnectionFactory.");
        } catch (ClassNotFoundException e) {
            throw new BidaException(
                    path + ": the class " + className
                            + " is not there; put the provider's client on the class path (of ./bida: BIDA_CLASSPATH).",
                    e);
        } catch (NoSuchMethodException e) {
            throw new BidaException(
                    path + ": " + className + " cannot be made with "
                            + (url == null ? "no url; give one." : "a url; give its properties instead."),
                    e);
        } catch (InvocationTargetException e) {
            throw new BidaException(path + ": " + className + " refuses its url.", e);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new BidaException(path + ": " + className + " cannot be made.", e);
        }
    }

    ConnectionFactory factory() {
        return factory;
    }

    /**
     * Sets a bean property; {@code a.b} is the property {@code b} of what the factory has as {@code a}.
     *
     * @param path where it stands in the configuration, for errors, which do not show the value
     */
    void set(String path, String name, String value) {
        List<String> steps = List.of(name.split("\\."));
        String last = steps.get(steps.size() - 1);
        try {
            Object bean = factory;
            for (String step : steps.subList(0, steps.size() - 1)) {
                bean = bean.getClass().getMethod("get" + capital(step)).invoke(bean);
            }
            if (!isSet(bean, "set" + capital(last), value)) {
                throw new BidaException(path + ": " + factory.getClass().getName() + " has no such property.");
            }
        } catch (ReflectiveOperationException | NumberFormatException e) {
            throw new BidaException(
                    path + " cannot be set on " + factory.getClass().getName() + ".", e);
        }
    }

    private static boolean isSet(Object bean, String setter, String value) throws ReflectiveOperationException {
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().equals(setter) && method.getParameterCount() == 1) {
                Function<String, Object> type = TYPES.get(method.getParameterTypes()[0]);
                if (type != null) {
                    method.invoke(bean, type.apply(value));
                    return true;
                }
            }
        }
        return false;
    }

    private static String capital(String name) {
        return name.isEmpty() ? name : name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
