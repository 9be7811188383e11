package io.bida.inbox;

import io.bida.message.Message;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * A handler that does its work for many messages at once, given to {@link Inbox#handleAll}.
 *
 * <pre>{@code
 * BatchHandler reserve = (tx, messages) -> {
 *     var insert = tx.prepareBatch("INSERT INTO reservation (order_id) VALUES (?)");
 *     messages.forEach(m -> insert.add(m.bizId().value()));
 *     insert.execute();
 * };
 * }</pre>
 */
@FunctionalInterface
public interface BatchHandler extends Handler {

    /**
     * As {@link #handle}, for all of them or none. When it fails it is called again for each message by itself, so that
     * the one at fault is found.
     *
     * @param messages new ones, each biz-id once, in the order in which they were given; at least one
     */
    void handleAll(Handle tx, List<Message> messages) throws Exception;

    @Override
    default void handle(Handle tx, Message message) throws Exception {
        handleAll(tx, List.of(message));
    }
}
