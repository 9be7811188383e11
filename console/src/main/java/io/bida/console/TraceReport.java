package io.bida.console;

import com.fasterxml.jackson.core.JsonGenerator;
import io.bida.outbox.MessageTrace;
import io.bida.outbox.MessageTrace.Content;
import io.bida.outbox.MessageTrace.Delivered;
import io.bida.outbox.MessageTrace.Failure;
import io.bida.outbox.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One message for people or for programs. */
final class TraceReport {

    private TraceReport() {}

    static String table(MessageTrace trace, String why, Optional<Content> content) {
        StringBuilder table = new StringBuilder();
        row(table, "why", why);
        row(table, "id", trace.id().toString());
        trace.message().ifPresent(message -> message(table, message));
        trace.delivered().ifPresent(delivered -> delivered(table, delivered));
        trace.body().ifPresent(body -> {
            row(table, "content type", body.contentType());
            row(table, "payload", body.bytes() + " bytes" + (content.isPresent() ? "" : ", masked; --reveal shows it"));
        });
        if (!trace.failures().isEmpty()) {
            table.append("\nFailed attempts\n").append(failures(trace.failures()));
        }
        content.ifPresent(shown -> {
            table.append("\nHeaders\n").append(lines(shown.headers())).append('\n');
            table.append("\nPayload\n").append(lines(shown.payload().asUtf8())).append('\n');
        });
        return table.toString();
    }

    private static void message(StringBuilder table, StoredMessage message) {
        row(table, "state", message.state().name());
        row(table, "seq", String.valueOf(message.seq()));
        row(table, "topic", message.topic());
        row(table, "type", message.type());
        row(table, "scene", message.scene());
        row(table, "biz-id", message.bizId());
        row(table, "ordering key", message.orderingKey());
        row(table, "attempts", String.valueOf(message.attempts()));
        row(table, "last error", message.lastError());
        row(table, "created", Shown.time(message.createdAt()));
        row(table, "due", Shown.time(message.dueAt()));
        row(table, "expires", Shown.time(message.expiresAt()));
        row(table, "in this state", Shown.time(message.parkedAt()));
    }

    private static void delivered(StringBuilder table, Delivered delivered) {
        row(table, "topic", delivered.topic());
        row(table, "scene", delivered.scene());
        row(table, "biz-id", delivered.bizId());
        row(table, "ordering key", delivered.orderingKey());
        row(table, "attempts", String.valueOf(delivered.attempts()));
        row(table, "created", Shown.time(delivered.createdAt()));
        row(table, "delivered", Shown.time(delivered.deliveredAt()));
        row(table, "proof", delivered.proof());
        row(table, "node", delivered.node());
    }

    private static String failures(List<Failure> failures) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("TRY", "AT", "NODE", "OUTCOME", "TOOK", "ERROR"));
        for (Failure failure : failures) {
            rows.add(List.of(
                    String.valueOf(failure.attempt()),
                    Shown.time(failure.at()),
                    Shown.text(failure.node()),
                    failure.outcome(),
                    failure.took().toMillis() + " ms",
                    Shown.text(failure.error())));
        }
        return MessageReport.columns(rows);
    }

    private static void row(StringBuilder table, String label, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            table.append("%-14s %s%n".formatted(label, Shown.text(value)));
        }
    }

    private static String lines(@Nullable String text) {
        return text == null ? "none" : text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
    }

    static String json(MessageTrace trace, String why, Optional<Content> content) {
        return JsonText.object(json -> {
            json.writeStringField("id", trace.id().toString());
            json.writeStringField("why", why);
            object(json, "message", trace.message(), message -> MessageReport.fields(json, message));
            object(json, "delivered", trace.delivered(), delivered -> delivered(json, delivered));
            json.writeArrayFieldStart("failures");
            for (Failure failure : trace.failures()) {
                json.writeStartObject();
                failure(json, failure);
                json.writeEndObject();
            }
            json.writeEndArray();
            object(json, "body", trace.body(), body -> {
                json.writeStringField("contentType", body.contentType());
                json.writeNumberField("bytes", body.bytes());
                json.writeStringField("headers", content.map(Content::headers).orElse(null));
                json.writeStringField(
                        "payload",
                        content.map(shown -> shown.payload().asUtf8()).orElse(null));
            });
        });
    }

    private interface Fields<T> {
        void write(T value) throws IOException;
    }

    private static <T> void object(JsonGenerator json, String field, Optional<T> value, Fields<T> fields)
            throws IOException {
        if (value.isEmpty()) {
            json.writeNullField(field);
            return;
        }
        json.writeObjectFieldStart(field);
        fields.write(value.get());
        json.writeEndObject();
    }

    private static void delivered(JsonGenerator json, Delivered delivered) throws IOException {
        json.writeStringField("topic", delivered.topic());
        json.writeStringField("scene", delivered.scene());
        json.writeStringField("bizId", delivered.bizId());
        json.writeStringField("orderingKey", delivered.orderingKey());
        json.writeNumberField("attempts", delivered.attempts());
        JsonText.time(json, "createdAt", delivered.createdAt());
        JsonText.time(json, "deliveredAt", delivered.deliveredAt());
        json.writeStringField("proof", delivered.proof());
        json.writeStringField("node", delivered.node());
    }

    private static void failure(JsonGenerator json, Failure failure) throws IOException {
        json.writeNumberField("attempt", failure.attempt());
        JsonText.time(json, "at", failure.at());
        json.writeStringField("node", failure.node());
        json.writeStringField("outcome", failure.outcome());
        json.writeNumberField("tookMillis", failure.took().toMillis());
        json.writeStringField("error", failure.error());
    }
}
