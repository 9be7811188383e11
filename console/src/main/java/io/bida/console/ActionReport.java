package io.bida.console;

import io.bida.outbox.ActionPreview;
import io.bida.outbox.MessageAction;
import io.bida.outbox.MessageState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an action would do, or has done. */
final class ActionReport {

    /** How long a receiver remembers what it handled, unless it is told otherwise. */
    private static final Duration DEDUPE_RETENTION = Duration.ofDays(30);

    private ActionReport() {}

    static String done(MessageAction action, long changed, boolean json) {
        return json
                ? JsonText.object(text -> {
                    text.writeStringField("action", action.word());
                    text.writeBooleanField("dryRun", false);
                    text.writeNumberField("changed", changed);
                })
                : number(changed) + (changed == 1 ? " message was " : " messages were ") + action.past() + ".\n";
    }

    static String table(ActionPreview preview) {
        String count = number(preview.messages()) + (preview.more() ? "+" : "");
        if (preview.groups().isEmpty()) {
            return "No message would be " + preview.action().past() + (preview.more() ? " of those looked through" : "")
                    + ".\n";
        }
        StringBuilder table = new StringBuilder(count + (count.equals("1") ? " message" : " messages") + " would be "
                + preview.action().past() + ":\n");
        List<List<String>> rows = new ArrayList<>();
        preview.groups()
                .forEach((group, messages) ->
                        rows.add(List.of("  " + group.state(), number(messages), Shown.text(group.topic()))));
        table.append(MessageReport.columns(rows)).append("\nSome of them:\n");
        table.append(MessageReport.table(preview.samples())).append('\n');
        warnings(preview)
                .forEach(warning -> table.append("Mind: ").append(warning).append('\n'));
        return table.append("Nothing was changed; --yes does it.\n").toString();
    }

    static String json(ActionPreview preview) {
        return JsonText.object(json -> {
            json.writeStringField("action", preview.action().word());
            json.writeBooleanField("dryRun", true);
            json.writeNumberField("messages", preview.messages());
            json.writeBooleanField("more", preview.more());
            json.writeArrayFieldStart("groups");
            for (var group : preview.groups().entrySet()) {
                json.writeStartObject();
                json.writeStringField("state", group.getKey().state().name());
                json.writeStringField("topic", group.getKey().topic());
                json.writeNumberField("messages", group.getValue());
                json.writeEndObject();
            }
            json.writeEndArray();
            MessageReport.array(json, "samples", preview.samples());
            json.writeArrayFieldStart("warnings");
            for (String warning : warnings(preview)) {
                json.writeString(warning);
            }
            json.writeEndArray();
        });
    }

    private static List<String> warnings(ActionPreview preview) {
        List<String> warnings = new ArrayList<>();
        boolean sends = preview.action() == MessageAction.RETRY || preview.action() == MessageAction.DELAY;
        if (preview.more()) {
            warnings.add("there are more than were counted; --yes changes all that fit.");
        }
        if (sends && preview.keyed() > 0) {
            warnings.add(number(preview.keyed())
                    + " have an ordering key: later messages of their keys may have been delivered before them.");
        }
        if (sends && preview.expired() > 0) {
            warnings.add(number(preview.expired()) + " have expired, and will be DEAD again.");
        }
        if (sends
                && preview.oldest() != null
                && preview.oldest().plus(DEDUPE_RETENTION).isBefore(preview.now())) {
            warnings.add("the oldest is older than 30 days: a receiver may not remember any more that it handled it.");
        }
        if (preview.action() == MessageAction.CANCEL
                && preview.groups().keySet().stream().anyMatch(group -> group.state() == MessageState.PENDING)) {
            warnings.add("what is PENDING may be under way, and be delivered all the same.");
        }
        if (preview.action() == MessageAction.DISCARD) {
            warnings.add("they are deleted for good.");
        }
        return warnings;
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
