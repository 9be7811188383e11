package io.bida.relay;

import io.bida.message.MessageId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells each of several listeners; one that fails keeps neither the others from hearing nor the relay from working. */
final class Listeners implements RelayListener {

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final String name;
    private final List<RelayListener> all;
    /** Told once each. */
    private final Set<RelayListener> failed = ConcurrentHashMap.newKeySet();

    /** @param name of the relay, for log lines */
    Listeners(String name, List<RelayListener> all) {
        this.name = name;
        this.all = List.copyOf(all);
    }

    @Override
    public void attempted(Attempt attempt) {
        tell(listener -> listener.attempted(attempt));
    }

    @Override
    public void claimed(int messages, Duration took) {
        tell(listener -> listener.claimed(messages, took));
    }

    @Override
    public void settled(Settled settled) {
        tell(listener -> listener.settled(settled));
    }

    @Override
    public void died(MessageId messageId, String topic, String reason) {
        tell(listener -> listener.died(messageId, topic, reason));
    }

    @Override
    public void destinationDown(String destination, String reason) {
        tell(listener -> listener.destinationDown(destination, reason));
    }

    @Override
    public void destinationUp(String destination, Duration wasDown) {
        tell(listener -> listener.destinationUp(destination, wasDown));
    }

    @Override
    public void shardsChanged(int held, int lost) {
        tell(listener -> listener.shardsChanged(held, lost));
    }

    @Override
    public void looked(Overview overview) {
        tell(listener -> listener.looked(overview));
    }

    private void tell(Consumer<RelayListener> event) {
        for (RelayListener listener : all) {
            try {
                event.accept(listener);
            } catch (RuntimeException | LinkageError e) {
                failed(listener, e);
            }
        }
    }

    private void failed(RelayListener listener, Throwable e) {
        if (failed.add(listener)) {
            log.warn(
                    "{}: the listener {} failed, which is told once; the relay goes on.",
                    name,
                    listener.getClass().getName(),
                    e);
        }
    }
}
