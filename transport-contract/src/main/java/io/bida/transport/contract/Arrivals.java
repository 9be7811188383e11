package io.bida.transport.contract;

import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An intake that takes each message once, as an inbox does, and keeps them in the order they came. Thread-safe. */
final class Arrivals implements Intake {

    private final List<Message> firsts = new ArrayList<>();
    private final Set<MessageId> known = new HashSet<>();
    private int repeated;

    @Override
    public synchronized Answer receive(Message message) {
        if (known.add(message.id())) {
            firsts.add(message);
            return new Answer.Handled();
        }
        repeated++;
        return new Answer.Duplicate();
    }

    synchronized List<Message> all() {
        return List.copyOf(firsts);
    }

    synchronized List<String> bizIds() {
        return firsts.stream().map(message -> message.bizId().value()).toList();
    }

    synchronized List<String> bizIdsOf(String key) {
        return firsts.stream()
                .filter(message -> key.equals(message.orderingKey()))
                .map(message -> message.bizId().value())
                .toList();
    }

    synchronized int size() {
        return firsts.size();
    }

    synchronized int repeated() {
        return repeated;
    }
}
