package io.bida.inbox;

import io.bida.message.Message;

/** Reads payloads as values; the form that typed handlers expect. Thread-safe. */
public interface Codec {

    /**
     * @throws io.bida.message.RefusedException when the payload can never be read as that type; its sentence says why, and
     *     tells nothing of the payload's content
     */
    <T> T decode(Message message, Class<T> type);
}
