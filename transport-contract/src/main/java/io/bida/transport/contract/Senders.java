package io.bida.transport.contract;

import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.util.Map;
import java.util.ServiceLoader;

/** Makes senders as a relay does: by the type that stands in the configuration. */
final class Senders {

    private Senders() {}

    static Sender create(String type, Map<String, Object> settings) {
        SenderFactory factory = ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No sender factory of type " + type + " is on the class path."));
        if (!factory.options().containsAll(settings.keySet())) {
            throw new AssertionError(
                    "The factory of " + type + " knows " + factory.options() + ", not all of " + settings.keySet());
        }
        return factory.create(new TransportSettings(type, settings));
    }
}
