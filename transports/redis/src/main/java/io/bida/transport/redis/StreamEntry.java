package io.bida.transport.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Delivery;
import io.bida.transport.EventBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One entry of a stream: its id, and its fields, name and value in turn. As no CloudEvents binding for Redis exists, it is as
 * close to Kafka's as can be: attributes as {@code ce_<name>}, {@code content-type}, the payload in {@code data}, and the
 * message's own headers as {@code bida-h-<name>}.
 */
record StreamEntry(String id, List<byte[]> fields) {

    static final EventBinding BINDING = EventBinding.of("ce_", "bida-h-");

    private static final String CONTENT_TYPE = "content-type";
    private static final String DATA = "data";
    private static final String REASON = "bida-reason";
    private static final String DEFAULT_SOURCE = "bida";

    static List<byte[]> fields(Message message) {
        List<byte[]> fields = new ArrayList<>();
        BINDING.write(message, DEFAULT_SOURCE, (name, value) -> add(fields, name, value));
        add(fields, CONTENT_TYPE, message.contentType());
        fields.add(DATA.getBytes(UTF_8));
        fields.add(message.payload().toByteArray());
        return fields;
    }

    /** Entries as Redis answers them: a list of id and fields each. */
    static List<StreamEntry> list(Object answer) {
        List<StreamEntry> entries = new ArrayList<>();
        for (Object each : (List<?>) answer) {
            List<?> entry = (List<?>) each;
            List<byte[]> fields = new ArrayList<>();
            // Of an entry that was trimmed, the group remembers the id only.
            if (entry.get(1) instanceof List<?> given) {
                given.forEach(field -> fields.add((byte[]) field));
            }
            entries.add(new StreamEntry(new String((byte[]) entry.get(0), UTF_8), fields));
        }
        return entries;
    }

    /** Whether it left the stream while the group had it pending. */
    boolean isTrimmed() {
        return fields.isEmpty();
    }

    /** What has no field {@code data} has no payload; its fields are all among the properties. */
    Delivery delivery(String stream) {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        String contentType = null;
        byte[] data = new byte[0];
        for (int i = 0; i < fields.size(); i += 2) {
            String name = new String(fields.get(i), UTF_8);
            byte[] value = fields.get(i + 1);
            if (name.equals(DATA)) {
                data = value;
            } else if (name.equals(CONTENT_TYPE)) {
                contentType = new String(value, UTF_8);
            } else {
                properties.add(Map.entry(name, new String(value, UTF_8)));
            }
        }
        return new Delivery(stream, null, properties, contentType, Payload.wrap(data), id);
    }

    List<byte[]> fieldsWithReason(String reason) {
        List<byte[]> all = new ArrayList<>(fields);
        add(all, REASON, reason);
        return all;
    }

    private static void add(List<byte[]> fields, String name, String value) {
        fields.add(name.getBytes(UTF_8));
        fields.add(value.getBytes(UTF_8));
    }
}
