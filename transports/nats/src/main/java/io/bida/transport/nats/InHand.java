package io.bida.transport.nats;

import io.nats.client.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver was given and has not acknowledged. Thread-safe.
 *
 * <p>JetStream delivers again what was not acknowledged only after a while, and newer messages meanwhile. So that these do
 * not overtake, nothing that arrives is begun with while something that the server delivered earlier is in nobody's hands:
 *
 * <ol>
 *   <li>What arrives is held back from the beginning of a connection, and from a gap in the consumer's own count.
 *   <li>The server tells up to which sequence it has delivered, and how many of these are unacknowledged. When so many are
 *       here, none is missing.
 *   <li>What was held back begins, in the order of the stream, and what arrives begins at once again.
 * </ol>
 */
final class InHand {

    private final Consumer<Message> begin;
    private final boolean ordered;
    private final NavigableMap<Position, Message> all = new TreeMap<>();
    private final NavigableMap<Position, Message> held = new TreeMap<>();
    private boolean holding;
    private long lastCount;

    /**
     * @param begin called in the order of the stream; must not block
     * @param ordered false: nothing is held back
     */
    InHand(boolean ordered, Consumer<Message> begin) {
        this.begin = begin;
        this.ordered = ordered;
    }

    /** A new connection begins: what arrives is held back from now on. */
    synchronized void hold() {
        holding = ordered;
        lastCount = 0;
    }

    synchronized boolean isHolding() {
        return holding;
    }

    synchronized int size() {
        return all.size();
    }

    /** What is here already is not begun with twice; its newest delivery is the one to acknowledge. */
    synchronized void arrived(Message message) {
        Position position = Position.of(message);
        long count = message.metaData().consumerSequence();
        if (ordered && lastCount != 0 && count != lastCount + 1) {
            holding = true;
        }
        lastCount = count;
        boolean known = all.put(position, message) != null;
        if (holding && (!known || held.containsKey(position))) {
            held.put(position, message);
        } else if (!known) {
            begin.accept(message);
        }
    }

    /**
     * What the server says of its consumer; returns how many are missing.
     *
     * @param delivered the last sequence of the stream that it has delivered
     * @param unacknowledged how many up to there are not acknowledged
     */
    synchronized long compare(long delivered, long unacknowledged) {
        long here = all.keySet().stream()
                .filter(each -> each.sequence() <= delivered)
                .count();
        if (here >= unacknowledged) {
            release();
        }
        return Math.max(0, unacknowledged - here);
    }

    /** Begins with what was held back. */
    synchronized void release() {
        holding = false;
        List<Message> next = new ArrayList<>(held.values());
        held.clear();
        next.forEach(begin);
    }

    /** It is about to be acknowledged or handed back, by its newest delivery. */
    synchronized @Nullable Message remove(Position position) {
        held.remove(position);
        return all.remove(position);
    }

    synchronized List<Message> all() {
        return List.copyOf(all.values());
    }

    /** What is here still is another's now. */
    synchronized void forget() {
        held.clear();
        all.clear();
    }

    /** What was never begun with. */
    synchronized List<Message> held() {
        return List.copyOf(held.values());
    }
}
