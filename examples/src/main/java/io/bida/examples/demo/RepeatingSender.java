package io.bida.examples.demo;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A fault: every so often a message is sent twice, as a network or an impatient broker may do. */
final class RepeatingSender implements Sender {

    private static final int EVERY = 50;

    private final Sender sender;
    private final AtomicInteger sent = new AtomicInteger();

    RepeatingSender(Sender sender) {
        this.sender = sender;
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        for (Message message : messages) {
            if (sent.incrementAndGet() % EVERY == 0) {
                sender.send(List.of(message));
            }
        }
        return sender.send(messages);
    }

    @Override
    public void close() {
        sender.close();
    }
}
