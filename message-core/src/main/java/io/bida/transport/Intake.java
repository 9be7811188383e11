package io.bida.transport;

import io.bida.message.Message;

/** Takes messages from receivers. Thread-safe: a receiver may call it from many threads. */
@FunctionalInterface
public interface Intake {

    /** Takes one message and answers when its fate is durable. Throws nothing that is the message's own fault. */
    Answer receive(Message message);
}
