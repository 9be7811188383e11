package io.bida.transport.http;

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
import org.jspecify.annotations.Nullable;

/**
 * The envelope as HTTP headers, both ways. Written and read alike:
 *
 * <ul>
 *   <li>{@code ce-specversion}, {@code ce-id}, {@code ce-type}, {@code ce-source}, {@code ce-time}, {@code ce-bizid},
 *       {@code ce-scene}, {@code ce-topic}, {@code ce-partitionkey}, {@code content-type};
 *   <li>{@code traceparent} and {@code tracestate} under their own names, as they are;
 *   <li>every other header of the message as {@code bida-h-<name>}.
 * </ul>
 *
 * <p>An event of another CloudEvents producer is read too: without {@code ce-bizid} the biz-id is {@code ce-id};
 * without {@code ce-scene} and {@code ce-topic} these are {@code ce-type}; a {@code ce-id} that is no UUID becomes the
 * name-based UUID of {@code ce-source} and {@code ce-id}, which CloudEvents holds unique together. Attributes that Bida
 * does not know, such as {@code ce-subject}, become headers of the message.
 */
final class CloudEventHeaders {

    static final String HEADER_PREFIX = "bida-h-";

    private static final Set<String> TRACE_CONTEXT = Set.of("traceparent", "tracestate");

    private CloudEventHeaders() {}

    /** Name to value, in the order to send. A message without source gets the default. */
    static Map<String, String> write(Message message, String defaultSource) {
        String source = message.source();
        String key = message.orderingKey();
        Instant createdAt = message.createdAt();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce-specversion", "1.0");
        headers.put("ce-id", message.id().toString());
        headers.put("ce-type", PercentEncoding.encode(message.type()));
        headers.put("ce-source", PercentEncoding.encode(source == null ? defaultSource : source));
        if (createdAt != null) {
            headers.put("ce-time", createdAt.toString());
        }
        headers.put("ce-bizid", PercentEncoding.encode(message.bizId().value()));
        headers.put("ce-scene", PercentEncoding.encode(message.scene()));
        headers.put("ce-topic", PercentEncoding.encode(message.topic()));
        if (key != null) {
            headers.put("ce-partitionkey", PercentEncoding.encode(key));
        }
        headers.put("content-type", message.contentType());
        message.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (TRACE_CONTEXT.contains(lower)) {
                headers.put(lower, inert(value));
            } else {
                headers.put(HEADER_PREFIX + name, PercentEncoding.encode(value));
            }
        });
        return headers;
    }

    /**
     * @param received name to value as they came
     * @throws RefusedException with a sentence that names the header
     */
    static Message read(Iterable<Map.Entry<String, String>> received, Payload payload) {
        Map<String, String> attributes = new TreeMap<>();
        Map<String, String> own = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> header : received) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("ce-")) {
                once(name, attributes.put(name, decoded(name, header.getValue())));
            } else if (name.equals("content-type")) {
                once(name, attributes.put(name, header.getValue()));
            } else if (TRACE_CONTEXT.contains(name)) {
                once(name, own.put(name, header.getValue()));
            } else if (name.startsWith(HEADER_PREFIX)) {
                once(
                        name,
                        own.put(header.getKey().substring(HEADER_PREFIX.length()), decoded(name, header.getValue())));
            }
        }
        return message(attributes, own, payload);
    }

    private static Message message(Map<String, String> attributes, Map<String, String> headers, Payload payload) {
        String version = required(attributes, "ce-specversion", 3);
        if (!version.equals("1.0")) {
            throw new RefusedException("The header ce-specversion is '" + version + "'; only 1.0 is known.");
        }
        String id = required(attributes, "ce-id", Integer.MAX_VALUE);
        String source = required(attributes, "ce-source", Message.MAX_SOURCE);
        String type = required(attributes, "ce-type", Message.MAX_TYPE);
        String scene = optional(attributes, "ce-scene", Message.MAX_SCENE, type);
        Instant createdAt = time(attributes.remove("ce-time"));
        Message.Builder message = Message.to(
                        Optional.ofNullable(optional(attributes, "ce-topic", Message.MAX_TOPIC, null))
                                .orElse(type))
                .id(messageId(source, id))
                .type(type)
                .source(source)
                .scene(scene)
                .bizId(Optional.ofNullable(optional(attributes, "ce-bizid", BizId.MAX_LENGTH, null))
                        .orElseGet(() -> checked("ce-id", id, BizId.MAX_LENGTH)))
                .orderingKey(optional(attributes, "ce-partitionkey", Message.MAX_ORDERING_KEY, null))
                .createdAt(createdAt)
                .payload(payload);
        String contentType = optional(attributes, "content-type", Message.MAX_CONTENT_TYPE, null);
        if (contentType != null) {
            message.contentType(contentType);
        }
        headers.putAll(attributes);
        return message.headers(headers).build();
    }

    private static MessageId messageId(String source, String id) {
        try {
            return MessageId.parse(id);
        } catch (RefusedException e) {
            return new MessageId(UUID.nameUUIDFromBytes((source + '\n' + id).getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new RefusedException("The header ce-time is '" + StatusReceipts.excerpt(text)
                    + "', which is no RFC 3339 time such as 2026-11-01T12:00:00Z.");
        }
    }

    private static String required(Map<String, String> attributes, String name, int limit) {
        String value = attributes.remove(name);
        if (value == null) {
            throw new RefusedException("The header " + name + " is missing.");
        }
        return checked(name, value, limit);
    }

    private static @Nullable String optional(
            Map<String, String> attributes, String name, int limit, @Nullable String unlimited) {
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

    private static String decoded(String name, String value) {
        try {
            return PercentEncoding.decode(value);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("The header " + name + " is not percent-encoded UTF-8.");
        }
    }

    private static void once(String name, @Nullable String before) {
        if (before != null) {
            throw new RefusedException("The header " + name + " is given twice.");
        }
    }

    /** A trace context travels as it is; a character that has no place in one cannot break the request. */
    private static String inert(String value) {
        return value.chars().allMatch(c -> c >= 0x20 && c < 0x7F) ? value : PercentEncoding.encode(value);
    }
}
