package io.bida.console;

import io.bida.outbox.MessageTrace;
import io.bida.outbox.MessageTrace.Delivered;
import io.bida.outbox.MessageTrace.Failure;
import io.bida.outbox.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says why a message is where it is. */
final class Why {

    private Why() {}

    /** @param queue the option that names the queue, for the commands in the sentence; empty for the outbox */
    static String sentence(MessageTrace trace, String queue) {
        return trace.message()
                .map(message -> sentence(trace, message, queue))
                .or(() -> trace.delivered().map(Why::delivered))
                .orElseGet(() -> "It is neither in the outbox" + unseen(trace, queue) + " nor remembered as delivered; "
                        + trace.failures().size() + " failed attempts are on record.");
    }

    /** How far what is not found was looked for; empty when all was looked through. */
    static String unseen(MessageTrace trace, String queue) {
        return trace.unseenAfter() == null
                ? ""
                : " up to number " + trace.unseenAfter() + " (./bida ls " + queue + "id:" + trace.id() + " --after "
                        + trace.unseenAfter() + " looks on)";
    }

    private static String sentence(MessageTrace trace, StoredMessage message, String queue) {
        return switch (message.state()) {
            case PENDING ->
                "It waits to be sent, " + since(message.createdAt(), trace.now()) + "; " + relay(trace) + ".";
            case SCHEDULED -> "It waits for its time, " + due(trace, message) + ".";
            case RETRY -> failure(trace, message) + " The next is " + due(trace, message) + ".";
            case HELD -> held(trace, message);
            case DEAD -> "It is dead: " + error(message) + onlyByRetry(message, queue);
            case CANCELLED -> error(message) + onlyByRetry(message, queue);
        };
    }

    private static String onlyByRetry(StoredMessage message, String queue) {
        return "; it is sent again only by ./bida retry " + queue + "id:" + message.id() + ".";
    }

    private static String delivered(Delivered delivered) {
        return "It was delivered at " + Shown.time(delivered.deliveredAt()) + " by " + delivered.node()
                + ", at attempt " + delivered.attempts() + proof(delivered.proof()) + ".";
    }

    private static String proof(@Nullable String proof) {
        return proof == null ? "" : "; the receiver's answer: " + Shown.text(proof);
    }

    private static String failure(MessageTrace trace, StoredMessage message) {
        if (message.attempts() == 0 || trace.failures().isEmpty()) {
            return "It waits for its next attempt" + (message.lastError() == null ? "." : ": " + error(message) + ".");
        }
        Failure last = trace.failures().get(trace.failures().size() - 1);
        return "Attempt " + last.attempt() + " " + (last.outcome().equals("unknown") ? "got no answer" : last.outcome())
                + " at " + Shown.time(last.at()) + ": " + bare(Shown.text(last.error())) + ".";
    }

    private static String held(MessageTrace trace, StoredMessage message) {
        String key = "its ordering key '" + Shown.text(message.orderingKey()) + "'";
        return trace.blocker()
                .map(blocker -> "It is held behind message " + blocker.id() + " of " + key + ", which is "
                        + blocker.state()
                        + (blocker.lastError() == null ? "" : ": " + error(blocker)) + ".")
                .orElseGet(() -> "It was held behind an earlier message of " + key + ", which is gone: it goes next; "
                        + relay(trace) + ".");
    }

    private static String due(MessageTrace trace, StoredMessage message) {
        Instant due = message.dueAt();
        if (due == null || !due.isAfter(trace.now())) {
            return "due " + since(due, trace.now()) + "; " + relay(trace);
        }
        return "due at " + Shown.time(due) + ", in " + Shown.words(Duration.between(trace.now(), due));
    }

    private static String since(@Nullable Instant time, Instant now) {
        if (time == null) {
            return "now";
        }
        Duration age = Duration.between(time, now);
        return "since " + Shown.words(age.isNegative() ? Duration.ZERO : age);
    }

    private static String relay(MessageTrace trace) {
        return trace.relay()
                .map(relay -> "relay " + relay + " holds its shard")
                .orElse("no relay holds its shard: start one");
    }

    private static String error(StoredMessage message) {
        return message.lastError() == null ? "no reason is known" : bare(Shown.text(message.lastError()));
    }

    private static String bare(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
