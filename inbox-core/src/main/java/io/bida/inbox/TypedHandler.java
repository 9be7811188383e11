package io.bida.inbox;

import io.bida.message.Message;
import org.jdbi.v3.core.Handle;

/** What the business does with a message whose payload was read as a value; see {@link Handlers}. */
@FunctionalInterface
public interface TypedHandler<T> {

    /** As {@link Handler#handle}. */
    void handle(Handle tx, T payload, Message message) throws Exception;
}
