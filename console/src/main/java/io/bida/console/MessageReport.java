package io.bida.console;

import com.fasterxml.jackson.core.JsonGenerator;
import io.bida.outbox.MessagePage;
import io.bida.outbox.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Messages for people or for programs. */
final class MessageReport {

    private static final int ERROR = 60;

    private MessageReport() {}

    static String table(MessagePage page) {
        String more = page.next() == null ? "" : "There may be more: --after " + page.next() + "\n";
        return (page.messages().isEmpty() ? "No message found.\n" : table(page.messages())) + more;
    }

    static String table(List<StoredMessage> messages) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("SEQ", "ID", "STATE", "CREATED", "TRIES", "TOPIC", "SCENE/BIZ-ID", "KEY", "LAST ERROR"));
        for (StoredMessage message : messages) {
            rows.add(List.of(
                    String.valueOf(message.seq()),
                    message.id().toString(),
                    message.state().name(),
                    Shown.time(message.createdAt()),
                    String.valueOf(message.attempts()),
                    Shown.text(message.topic()),
                    Shown.text(message.scene() + "/" + message.bizId()),
                    Shown.text(message.orderingKey()),
                    Shown.head(message.lastError(), ERROR)));
        }
        return columns(rows);
    }

    /** Each as wide as its widest value; no blanks at a line's end. */
    static String columns(List<List<String>> rows) {
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int index = column;
                int width = rows.stream()
                        .mapToInt(each -> each.get(index).length())
                        .max()
                        .orElse(0);
                line.append(row.get(column))
                        .append(" ".repeat(width - row.get(column).length() + 2));
            }
            table.append(line.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    static String json(MessagePage page) {
        return JsonText.object(json -> {
            array(json, "messages", page.messages());
            if (page.next() == null) {
                json.writeNullField("next");
            } else {
                json.writeNumberField("next", page.next());
            }
        });
    }

    static void array(JsonGenerator json, String field, List<StoredMessage> messages) throws IOException {
        json.writeArrayFieldStart(field);
        for (StoredMessage message : messages) {
            json.writeStartObject();
            fields(json, message);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static void fields(JsonGenerator json, StoredMessage message) throws IOException {
        json.writeNumberField("seq", message.seq());
        json.writeStringField("id", message.id().toString());
        json.writeStringField("state", message.state().name());
        json.writeStringField("topic", message.topic());
        json.writeStringField("type", message.type());
        json.writeStringField("scene", message.scene());
        json.writeStringField("bizId", message.bizId());
        json.writeStringField("orderingKey", message.orderingKey());
        json.writeNumberField("attempts", message.attempts());
        json.writeStringField("lastError", message.lastError());
        JsonText.time(json, "createdAt", message.createdAt());
        JsonText.time(json, "dueAt", message.dueAt());
        JsonText.time(json, "expiresAt", message.expiresAt());
        JsonText.time(json, "parkedAt", message.parkedAt());
    }
}
