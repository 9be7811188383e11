package io.bida.console;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A transport that takes everything and keeps nothing. */
public final class NullSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "null";
    }

    @Override
    public Set<String> options() {
        return Set.of("url", "timeout", "secret", "properties");
    }

    @Override
    public Sender create(TransportSettings settings) {
        settings.required("url");
        return new NullSender();
    }

    private static final class NullSender implements Sender {

        @Override
        public List<CompletionStage<Receipt>> send(List<Message> messages) {
            return messages.stream()
                    .map(message -> (CompletionStage<Receipt>)
                            CompletableFuture.<Receipt>completedFuture(new Receipt.Accepted("dropped")))
                    .toList();
        }

        @Override
        public void close() {}
    }
}
