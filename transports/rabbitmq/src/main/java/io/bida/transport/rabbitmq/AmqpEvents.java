package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.transport.Delivery;
import io.bida.transport.DeliveryReader;
import io.bida.transport.EventBinding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The envelope in the properties of AMQP 0-9-1, both ways: attributes as headers {@code cloudEvents_<name>}, read as {@code
 * cloudEvents:<name>} too, the message's own headers as {@code bida-h-<name>}; see {@link EventBinding}. Beside them
 * message-id, content-type, timestamp and, where it fits, type.
 */
final class AmqpEvents {

    private static final String ATTRIBUTE = "cloudEvents_";
    private static final String OTHER_ATTRIBUTE = "cloudEvents:";
    private static final EventBinding BINDING = EventBinding.of(ATTRIBUTE, "bida-h-");
    private static final String DEFAULT_SOURCE = "bida";
    private static final int SHORT_STRING = 255;
    private static final int PERSISTENT = 2;

    private AmqpEvents() {}

    /** @throws RefusedException AMQP cannot say it */
    static Letter letter(Message message, String exchange, String routingKey) {
        if (!isShort(routingKey)) {
            throw new RefusedException("As a routing key its topic is longer than " + SHORT_STRING + " bytes.");
        }
        Map<String, Object> headers = new HashMap<>(BINDING.write(message, DEFAULT_SOURCE));
        Instant createdAt = message.createdAt();
        BasicProperties properties = new BasicProperties.Builder()
                .deliveryMode(PERSISTENT)
                .messageId(message.id().toString())
                .contentType(message.contentType())
                .timestamp(createdAt == null ? null : Date.from(createdAt))
                .type(isShort(message.type()) ? message.type() : null)
                .headers(headers)
                .build();
        return new Letter(exchange, routingKey, properties, message.payload());
    }

    static DeliveryReader reader(DeliveryReader others) {
        return DeliveryReader.events(BINDING, others);
    }

    static Delivery delivery(String queue, @Nullable BasicProperties properties, byte[] body) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        Map<String, Object> given = properties == null ? null : properties.getHeaders();
        if (given != null) {
            given.forEach((name, value) -> {
                if (value != null) {
                    headers.add(Map.entry(canonical(name), text(value)));
                }
            });
        }
        return new Delivery(
                queue,
                null,
                headers,
                properties == null ? null : properties.getContentType(),
                Payload.wrap(body),
                null);
    }

    private static String text(Object value) {
        if (value instanceof Date time) {
            return time.toInstant().toString();
        }
        return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : value.toString();
    }

    private static String canonical(String name) {
        return name.regionMatches(true, 0, OTHER_ATTRIBUTE, 0, OTHER_ATTRIBUTE.length())
                ? ATTRIBUTE + name.substring(OTHER_ATTRIBUTE.length())
                : name;
    }

    private static boolean isShort(String text) {
        return text.length() <= SHORT_STRING && text.getBytes(StandardCharsets.UTF_8).length <= SHORT_STRING;
    }
}
