package io.bida.outbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of what a filter fits, oldest first.
 *
 * @param next the number to go on after; null when there are no more. A page may be short, even empty, and have a next
 *     one: then as many rows were looked through as one look may.
 */
public record MessagePage(
        List<StoredMessage> messages, @Nullable Long next) {

    public MessagePage {
        messages = List.copyOf(messages);
    }
}
