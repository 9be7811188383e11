package io.bida.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;

/** A {@link Status} for people or for programs. */
final class StatusReport {

    private static final JsonFactory JSON = new JsonFactory();

    private StatusReport() {}

    static String table(Status status) {
        StringBuilder table = new StringBuilder();
        row(table, "oldest due", status.oldestDue().map(Shown::words).orElse("none"));
        status.counts().forEach((state, count) -> row(table, state, count(count)));
        row(table, "relays", status.relays() + " alive");
        row(table, "leases", status.leasesHeld() + " of " + status.leases() + " held");
        return table.toString();
    }

    static String json(Status status) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            write(json, status);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }

    private static void write(JsonGenerator json, Status status) throws IOException {
        json.writeStartObject();
        json.writeFieldName("oldestDueSeconds");
        if (status.oldestDue().isPresent()) {
            json.writeNumber(status.oldestDue().get().toMillis() / 1_000.0);
        } else {
            json.writeNull();
        }
        json.writeObjectFieldStart("counts");
        for (Map.Entry<String, Long> count : status.counts().entrySet()) {
            json.writeNumberField(count.getKey(), Math.min(count.getValue(), Status.CAP));
        }
        json.writeEndObject();
        json.writeArrayFieldStart("more");
        for (Map.Entry<String, Long> count : status.counts().entrySet()) {
            if (Status.isCapped(count.getValue())) {
                json.writeString(count.getKey());
            }
        }
        json.writeEndArray();
        json.writeNumberField("relays", status.relays());
        json.writeNumberField("leasesHeld", status.leasesHeld());
        json.writeNumberField("leases", status.leases());
        json.writeEndObject();
    }

    private static void row(StringBuilder table, String label, String value) {
        table.append("%-12s %s%n".formatted(label, value));
    }

    private static String count(long count) {
        return Status.isCapped(count) ? number(Status.CAP) + "+" : number(count);
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
