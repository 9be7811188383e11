package io.bida.transport.nats;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Delivery;
import io.bida.transport.EventBinding;
import io.nats.client.impl.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The CloudEvents binding for NATS, in binary mode. */
final class NatsEvents {

    static final EventBinding BINDING = EventBinding.percentEncoded("ce-", "bida-h-");

    private static final String NATS = "Nats-";

    /** By which a stream knows what it was given before. */
    private static final String MESSAGE_ID = NATS + "Msg-Id";

    private static final String CONTENT_TYPE = "Content-Type";
    private static final String REASON = "bida-reason";
    private static final String DEFAULT_SOURCE = "bida";
    private static final int LONGEST_REASON = 1_000;

    private NatsEvents() {}

    static Headers headers(Message message) {
        Headers headers = new Headers();
        headers.put(MESSAGE_ID, message.id().toString());
        headers.put(CONTENT_TYPE, message.contentType());
        BINDING.write(message, DEFAULT_SOURCE).forEach((name, value) -> headers.put(name, value));
        return headers;
    }

    /** Those it came with, but for what its stream was told by them, and the reason. */
    static Headers deadHeaders(io.nats.client.Message message, String id, String reason) {
        Headers headers = new Headers();
        if (message.hasHeaders()) {
            message.getHeaders().entrySet().stream()
                    .filter(header -> !header.getKey().startsWith(NATS))
                    .forEach(header -> headers.put(header.getKey(), header.getValue()));
        }
        headers.put(MESSAGE_ID, id);
        headers.put(
                REASON,
                reason.substring(0, Math.min(reason.length(), LONGEST_REASON)).replaceAll("[^ -~]", "?"));
        return headers;
    }

    static Delivery delivery(io.nats.client.Message message) {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        String contentType = null;
        if (message.hasHeaders()) {
            for (Map.Entry<String, List<String>> header : message.getHeaders().entrySet()) {
                header.getValue().forEach(value -> properties.add(Map.entry(header.getKey(), value)));
            }
            contentType = contentType(message.getHeaders());
        }
        return new Delivery(
                message.getSubject(),
                null,
                properties,
                contentType,
                Payload.wrap(message.getData()),
                Position.of(message).toString());
    }

    private static @Nullable String contentType(Headers headers) {
        List<String> values = headers.getIgnoreCase(CONTENT_TYPE);
        return values == null || values.isEmpty() ? null : values.get(0);
    }
}
