package io.bida.outbox;

import static io.bida.outbox.MessageState.CANCELLED;
import static io.bida.outbox.MessageState.DEAD;
import static io.bida.outbox.MessageState.HELD;
import static io.bida.outbox.MessageState.PENDING;
import static io.bida.outbox.MessageState.SCHEDULED;

import io.bida.message.RefusedException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What an operator may do to messages. */
public enum MessageAction {
    /** Sent again now; what is dead or cancelled begins a new series of attempts. */
    RETRY,
    /** Sent at a time. */
    DELAY,
    /** Not sent any more, and kept. */
    CANCEL,
    /** Deleted for good. */
    DISCARD;

    /** The states that it takes. */
    private Set<MessageState> usual() {
        return switch (this) {
            case RETRY -> EnumSet.of(DEAD, MessageState.RETRY);
            case DELAY -> EnumSet.of(SCHEDULED, MessageState.RETRY);
            case CANCEL -> EnumSet.of(PENDING, SCHEDULED, MessageState.RETRY, HELD);
            case DISCARD -> EnumSet.of(DEAD, CANCELLED);
        };
    }

    /** Those that it takes when the filter names them, or one message. */
    private Set<MessageState> named() {
        return switch (this) {
            case RETRY -> EnumSet.of(SCHEDULED, CANCELLED);
            case DELAY -> EnumSet.of(DEAD, CANCELLED);
            case CANCEL -> EnumSet.of(DEAD);
            case DISCARD -> EnumSet.noneOf(MessageState.class);
        };
    }

    /**
     * The filter, left to the states that this action takes.
     *
     * @throws RefusedException when the filter names nothing, or a state that this action does not take
     */
    MessageFilter scope(MessageFilter filter) {
        if (filter.isAll()) {
            throw new RefusedException(
                    "Not without a filter: say which messages to " + word() + ". Nothing was changed.");
        }
        Set<MessageState> taken = EnumSet.copyOf(usual());
        if (filter.isExplicit()) {
            taken.addAll(named());
        }
        for (MessageFilter.State term : filter.of(MessageFilter.State.class)) {
            Set<MessageState> refused = EnumSet.copyOf(term.states());
            refused.removeAll(taken);
            if (!refused.isEmpty()) {
                throw new RefusedException("What is " + list(refused) + " cannot be " + past() + "; " + word()
                        + " takes " + list(taken) + ". Nothing was changed.");
            }
        }
        return filter.and(new MessageFilter.State(taken));
    }

    /** {@code retry}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code retried}. */
    public String past() {
        return switch (this) {
            case RETRY -> "retried";
            case DELAY -> "delayed";
            case CANCEL -> "cancelled";
            case DISCARD -> "discarded";
        };
    }

    private static String list(Set<MessageState> states) {
        return states.stream().map(Enum::name).collect(Collectors.joining(", "));
    }
}
