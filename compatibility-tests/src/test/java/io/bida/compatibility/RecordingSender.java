package io.bida.compatibility;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Answers as told and remembers what it was given. */
final class RecordingSender implements Sender {

    final List<Message> sent = new CopyOnWriteArrayList<>();
    volatile Function<Message, CompletionStage<Receipt>> answer =
            message -> CompletableFuture.completedStage(new Receipt.Accepted("recorded"));

    void answering(Function<Message, Receipt> receipts) {
        answer = message -> CompletableFuture.completedStage(receipts.apply(message));
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>();
        for (Message message : messages) {
            sent.add(message);
            stages.add(answer.apply(message));
        }
        return stages;
    }

    List<String> bizIds() {
        return sent.stream().map(message -> message.bizId().value()).toList();
    }

    @Override
    public void close() {}
}
