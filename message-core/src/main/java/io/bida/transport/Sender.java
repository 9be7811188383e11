package io.bida.transport;

import io.bida.message.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Carries messages to one destination. Implementations are thread-safe.
 *
 * <p>The caller has at most one message of an ordering key under way, so a sender may carry what it is given in any
 * order and over any number of connections.
 */
public interface Sender extends AutoCloseable {

    /**
     * Starts sending, without waiting for the answers. Returns one stage per message, in the order given. A stage that
     * completes exceptionally, or not before the caller's deadline, means {@link Receipt.Unknown}.
     */
    List<CompletionStage<Receipt>> send(List<Message> messages);

    /** Ends connections; what is still under way completes, at the latest now, as {@link Receipt.Unknown}. */
    @Override
    void close();
}
