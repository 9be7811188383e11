package io.bida.transport.http;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.transport.EventBinding;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The envelope as HTTP headers, both ways: attributes as {@code ce-<name>}, the message's own headers as
 * {@code bida-h-<name>}, and {@code content-type}; see {@link EventBinding}.
 */
final class CloudEventHeaders {

    static final String HEADER_PREFIX = "bida-h-";

    private static final String CONTENT_TYPE = "content-type";
    private static final EventBinding BINDING = EventBinding.percentEncoded("ce-", HEADER_PREFIX);

    private CloudEventHeaders() {}

    /** Name to value, in the order to send. A message without source gets the default. */
    static Map<String, String> write(Message message, String defaultSource) {
        Map<String, String> headers = new LinkedHashMap<>(BINDING.write(message, defaultSource));
        headers.put(CONTENT_TYPE, message.contentType());
        return headers;
    }

    /**
     * @param received name to value as they came
     * @throws RefusedException with a sentence that names the header
     */
    static Message read(Iterable<Map.Entry<String, String>> received, Payload payload) {
        return BINDING.read(received, contentType(received), payload);
    }

    private static @Nullable String contentType(Iterable<Map.Entry<String, String>> received) {
        String found = null;
        for (Map.Entry<String, String> header : received) {
            if (header.getKey().equalsIgnoreCase(CONTENT_TYPE)) {
                if (found != null) {
                    throw new RefusedException("The header " + CONTENT_TYPE + " is given twice.");
                }
                found = header.getValue();
            }
        }
        return found;
    }
}
