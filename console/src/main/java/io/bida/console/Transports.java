package io.bida.console;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The kinds of transport that this process has. Immutable. */
final class Transports {

    private final Map<String, SenderFactory> factories;

    Transports(List<SenderFactory> factories) {
        this.factories =
                factories.stream().collect(Collectors.toUnmodifiableMap(SenderFactory::type, Function.identity()));
    }

    static Transports ofThisProcess() {
        return new Transports(ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    Set<String> types() {
        return factories.keySet();
    }

    /** The keys that a kind of transport knows; null when the kind is unknown. */
    @Nullable Set<String> options(String type) {
        SenderFactory factory = factories.get(type);
        return factory == null ? null : factory.options();
    }

    Sender open(RelayConfiguration.Transport transport) {
        SenderFactory factory = factories.get(transport.type());
        if (factory == null) {
            throw new BidaException("There is no transport of type '" + transport.type() + "'; "
                    + Nearest.hint(transport.type(), types()));
        }
        return factory.create(transport.settings());
    }
}
