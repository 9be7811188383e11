package io.bida.transport;

/** Brings messages from one transport to an {@link Intake}; runs from its creation until it is closed. */
public interface Receiver extends AutoCloseable {

    /** Takes no more messages, waits for those under way, and ends. */
    @Override
    void close();
}
