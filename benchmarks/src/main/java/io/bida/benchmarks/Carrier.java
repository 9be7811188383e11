package io.bida.benchmarks;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletionStage;

/** A transport to a real broker; what is given to it is noted as arrived. Thread-safe. */
final class Carrier implements Sender {

    private final String name;
    private final Sender sender;
    private final Arrivals arrivals;

    /** @param settings the transport's, with its {@code type} */
    Carrier(String name, Map<String, Object> settings, Arrivals arrivals) {
        this.name = name;
        this.arrivals = arrivals;
        this.sender = open(name, settings);
    }

    static Sender open(String name, Map<String, Object> settings) {
        Map<String, Object> options = new HashMap<>(settings);
        Object type = options.remove("type");
        return ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(factory -> factory.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no transport of type " + type))
                .create(new TransportSettings(name, options));
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        arrivals.note(name, messages);
        return sender.send(messages);
    }

    @Override
    public void close() {
        sender.close();
    }
}
