package io.bida.transport;

import io.bida.message.BizId;
import io.bida.message.Message;
import io.bida.message.MessageId;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The envelope as CloudEvents 1.0 attributes in the properties of a transport, both ways. Immutable and thread-safe.
 *
 * <ul>
 *   <li>{@code specversion}, {@code id}, {@code type}, {@code source}, {@code time}, {@code bizid}, {@code scene}, {@code
 *       topic} and {@code partitionkey}, each behind the transport's prefix;
 *   <li>{@code traceparent} and {@code tracestate} under their own names, as they are;
 *   <li>every other header of the message behind a prefix of its own.
 * </ul>
 *
 * The content type stands where the transport has it. An event of another CloudEvents producer is read too: without
 * {@code bizid} the biz-id is {@code id}; without {@code scene} and {@code topic} these are {@code type}; an {@code id} that
 * is no UUID becomes the name-based UUID of {@code source} and {@code id}, which CloudEvents holds unique together.
 * Attributes that Bida does not know, such as {@code subject}, become headers of the message, with their prefix.
 */
public final class EventBinding {

    private static final String VERSION = "1.0";
    private static final Set<String> TRACE_CONTEXT = Set.of("traceparent", "tracestate");
    private static final int SHOWN = 60;

    private final String attributePrefix;
    private final String headerPrefix;
    private final boolean percentEncoded;

    private EventBinding(String attributePrefix, String headerPrefix, boolean percentEncoded) {
        this.attributePrefix = attributePrefix;
        this.headerPrefix = headerPrefix;
        this.percentEncoded = percentEncoded;
    }

    /** For transports whose values are any Unicode text. Prefixes are written as given, and compared without case. */
    public static EventBinding of(String attributePrefix, String headerPrefix) {
        return new EventBinding(attributePrefix, headerPrefix, false);
    }

    /** For transports whose values are ASCII: percent-encoded UTF-8, as the CloudEvents HTTP binding says. */
    public static EventBinding percentEncoded(String attributePrefix, String headerPrefix) {
        return new EventBinding(attributePrefix, headerPrefix, true);
    }

    /** Name to value, in the order to send; not the content type. A message without source gets the default. */
    public Map<String, String> write(Message message, String defaultSource) {
        Map<String, String> properties = new LinkedHashMap<>();
        write(message, defaultSource, properties::put);
        return properties;
    }

    /** Gives each name with its value to a transport that needs no map of them, in the same order. */
    public void write(Message message, String defaultSource, BiConsumer<String, String> properties) {
        String source = message.source();
        String key = message.orderingKey();
        Instant createdAt = message.createdAt();
        properties.accept(attributePrefix + "specversion", VERSION);
        properties.accept(attributePrefix + "id", message.id().toString());
        properties.accept(attributePrefix + "type", encoded(message.type()));
        properties.accept(attributePrefix + "source", encoded(source == null ? defaultSource : source));
        if (createdAt != null) {
            properties.accept(attributePrefix + "time", createdAt.toString());
        }
        properties.accept(attributePrefix + "bizid", encoded(message.bizId().value()));
        properties.accept(attributePrefix + "scene", encoded(message.scene()));
        properties.accept(attributePrefix + "topic", encoded(message.topic()));
        if (key != null) {
            properties.accept(attributePrefix + "partitionkey", encoded(key));
        }
        message.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (TRACE_CONTEXT.contains(lower)) {
                properties.accept(lower, inert(value));
            } else {
                properties.accept(headerPrefix + name, encoded(value));
            }
        });
    }

    /** Whether this is the property that makes an event of what has it, of Bida or of another producer. */
    boolean isVersion(String property) {
        return property.equalsIgnoreCase(attributePrefix + "specversion");
    }

    /**
     * @param received name to value as they came; what has neither prefix is passed over
     * @param contentType null: the default
     * @throws RefusedException with a sentence that names the property
     */
    public Message read(Iterable<Map.Entry<String, String>> received, @Nullable String contentType, Payload payload) {
        Map<String, String> attributes = new TreeMap<>();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> property : received) {
            String name = property.getKey().toLowerCase(Locale.ROOT);
            if (TRACE_CONTEXT.contains(name)) {
                once(name, headers.put(name, property.getValue()));
            } else if (begins(name, headerPrefix)) {
                String own = property.getKey().substring(headerPrefix.length());
                once(name, headers.put(own, decoded(name, property.getValue())));
            } else if (begins(name, attributePrefix)) {
                String attribute = attributePrefix + name.substring(attributePrefix.length());
                once(name, attributes.put(attribute, decoded(name, property.getValue())));
            }
        }
        return message(attributes, headers, contentType, payload);
    }

    private Message message(
            Map<String, String> attributes,
            Map<String, String> headers,
            @Nullable String contentType,
            Payload payload) {
        String version = required(attributes, "specversion", 3);
        if (!version.equals(VERSION)) {
            throw new RefusedException("The header " + attributePrefix + "specversion is '" + version + "'; only "
                    + VERSION + " is known.");
        }
        String id = required(attributes, "id", Integer.MAX_VALUE);
        String source = required(attributes, "source", Message.MAX_SOURCE);
        String type = required(attributes, "type", Message.MAX_TYPE);
        String scene = optional(attributes, "scene", Message.MAX_SCENE, type);
        Message.Builder message = Message.to(Optional.ofNullable(optional(attributes, "topic", Message.MAX_TOPIC, null))
                        .orElse(type))
                .id(messageId(source, id))
                .type(type)
                .source(source)
                .scene(scene)
                .bizId(Optional.ofNullable(optional(attributes, "bizid", BizId.MAX_LENGTH, null))
                        .orElseGet(() -> checked(attributePrefix + "id", id, BizId.MAX_LENGTH)))
                .orderingKey(optional(attributes, "partitionkey", Message.MAX_ORDERING_KEY, null))
                .createdAt(time(attributes.remove(attributePrefix + "time")))
                .payload(payload);
        if (contentType != null) {
            message.contentType(checked("content-type", contentType, Message.MAX_CONTENT_TYPE));
        }
        headers.putAll(attributes);
        return message.headers(headers).build();
    }

    private static boolean begins(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private static MessageId messageId(String source, String id) {
        try {
            return MessageId.parse(id);
        } catch (RefusedException e) {
            return new MessageId(UUID.nameUUIDFromBytes((source + '\n' + id).getBytes(StandardCharsets.UTF_8)));
        }
    }

    private @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new RefusedException("The header " + attributePrefix + "time is '" + shown(text)
                    + "', which is no RFC 3339 time such as 2026-11-01T12:00:00Z.");
        }
    }

    private String required(Map<String, String> attributes, String attribute, int limit) {
        String name = attributePrefix + attribute;
        String value = attributes.remove(name);
        if (value == null) {
            throw new RefusedException("The header " + name + " is missing.");
        }
        return checked(name, value, limit);
    }

    private @Nullable String optional(
            Map<String, String> attributes, String attribute, int limit, @Nullable String unlimited) {
        String name = attributePrefix + attribute;
        String value = attributes.remove(name);
        return value == null || value.equals(unlimited) ? value : checked(name, value, limit);
    }

    private static String checked(String name, String value, int limit) {
        if (value.isEmpty()) {
            throw new RefusedException("The header " + name + " is empty.");
        }
        int length = value.codePointCount(0, value.length());
        if (length > limit) {
            throw new RefusedException(
                    "The header " + name + " has " + length + " characters, at most " + limit + " are allowed.");
        }
        if (value.indexOf('\0') >= 0) {
            throw new RefusedException(
                    "The header " + name + " contains a null character, which not every database can store.");
        }
        return value;
    }

    private String encoded(String value) {
        return percentEncoded ? PercentEncoding.encode(value) : value;
    }

    private String decoded(String name, String value) {
        try {
            return percentEncoded ? PercentEncoding.decode(value) : value;
        } catch (IllegalArgumentException e) {
            throw new RefusedException("The header " + name + " is not percent-encoded UTF-8.");
        }
    }

    /** A trace context travels as it is; a character that has no place in one cannot break the request. */
    private String inert(String value) {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7F) ? value : encoded(value);
    }

    private static void once(String name, @Nullable String before) {
        if (before != null) {
            throw new RefusedException("The header " + name + " is given twice.");
        }
    }

    private static String shown(String value) {
        String head = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
