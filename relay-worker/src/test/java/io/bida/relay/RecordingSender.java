package io.bida.relay;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Remembers what it was given and answers when told to. */
final class RecordingSender implements Sender {

    final List<String> sent = new ArrayList<>();
    private final Map<String, CompletableFuture<Receipt>> answers = new HashMap<>();

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>();
        for (Message message : messages) {
            CompletableFuture<Receipt> answer = new CompletableFuture<>();
            sent.add(message.bizId().value());
            answers.put(message.bizId().value(), answer);
            stages.add(answer);
        }
        return stages;
    }

    CompletableFuture<Receipt> answer(String bizId) {
        return Objects.requireNonNull(answers.get(bizId), bizId + " was not sent");
    }

    void accept(String bizId) {
        answer(bizId).complete(new Receipt.Accepted("ok"));
    }

    void fail(String bizId) {
        answer(bizId).complete(new Receipt.Failed("busy"));
    }

    void reject(String bizId) {
        answer(bizId).complete(new Receipt.Rejected("malformed"));
    }

    @Override
    public void close() {}
}
