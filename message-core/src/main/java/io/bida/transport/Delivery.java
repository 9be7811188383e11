package io.bida.transport;

import io.bida.message.Payload;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver was given, before it is known to be a message. Immutable.
 *
 * @param channel the topic, queue, stream or subject that it came from
 * @param key the transport's own key, such as Kafka's; null where it has none
 * @param properties headers or properties as text, in the order they came; a name may occur twice
 * @param contentType where the transport has one of its own; null where it was not told
 * @param payload the body
 * @param position where it stands in the channel, the same whenever it is delivered again and no other's: partition and
 *     offset, a sequence number; null where the transport has no such thing
 */
public record Delivery(
        String channel,
        @Nullable String key,
        List<Map.Entry<String, String>> properties,
        @Nullable String contentType,
        Payload payload,
        @Nullable String position) {

    public Delivery {
        properties = List.copyOf(properties);
    }
}
