package io.bida.inbox;

import io.bida.message.Message;
import io.bida.transport.Answer;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction found out about a message.
 *
 * @param contradicted the entry of the message that was handled before with another payload; null when there is none
 */
record Finding(Message message, Answer answer, @Nullable Entry contradicted) {

    Finding(Message message, Answer answer) {
        this(message, answer, null);
    }
}
