package io.bida.compatibility;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A transport that takes everything, but one message takes down the process that sends it. */
public final class KillableSenderFactory implements SenderFactory {

    static final String KILLER = "killer";

    @Override
    public String type() {
        return "killable";
    }

    @Override
    public Set<String> options() {
        return Set.of();
    }

    @Override
    public Sender create(TransportSettings settings) {
        return new Sender() {
            @Override
            public List<CompletionStage<Receipt>> send(List<Message> messages) {
                List<CompletionStage<Receipt>> receipts = new ArrayList<>();
                for (Message message : messages) {
                    if (message.bizId().value().equals(KILLER)) {
                        Runtime.getRuntime().halt(137);
                    }
                    receipts.add(CompletableFuture.completedStage(new Receipt.Accepted("taken")));
                }
                return receipts;
            }

            @Override
            public void close() {}
        };
    }
}
