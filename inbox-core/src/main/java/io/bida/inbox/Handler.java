package io.bida.inbox;

import io.bida.message.Message;
import org.jdbi.v3.core.Handle;

/**
 * What the business does with a message.
 *
 * <pre>{@code
 * inbox.handle(message, (tx, m) ->
 *         tx.execute("UPDATE account SET points = points + 10 WHERE id = ?", m.bizId().value()));
 * }</pre>
 */
@FunctionalInterface
public interface Handler {

    /**
     * Does its work on the transaction that the message is registered in, and leaves committing and rolling back to the
     * inbox. It may run several times, of which one is committed.
     *
     * @param tx the transaction; {@link Handle#getConnection()} is its plain connection
     * @throws io.bida.message.RefusedException when the message can never be handled
     * @throws Exception when it was not handled this time; all is rolled back and the message delivered again
     */
    void handle(Handle tx, Message message) throws Exception;
}
