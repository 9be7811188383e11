package io.bida.message;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One message. A message that exists is valid: every limit is checked here, so that what was published can be stored by
 * each database and carried by each transport without a change. Immutable and thread-safe.
 *
 * @param id the inner message id; a re-send carries the same one
 * @param topic where to, matched by the relay's routes; segments parted by dots; 1 to 200 characters
 * @param type what happened, such as {@code OrderPaid}; 1 to 200 characters
 * @param bizId the business identity; its scene is the type unless another was given
 * @param orderingKey messages with one key arrive in the order of their insertion; 1 to 128 characters; null: unordered
 * @param source the producing service, 1 to 200 characters; null: the relay's name
 * @param contentType media type of the payload, 1 to 100 printable ASCII characters
 * @param headers names are HTTP tokens, compared without case; the trace context travels as traceparent and tracestate
 * @param payload the body
 * @param createdAt when the row was written, by the database's clock; null before that
 * @param dueAt not to be delivered before; null: at once
 * @param expiresAt not to be delivered after; null: never expires
 */
public record Message(
        MessageId id,
        String topic,
        String type,
        BizId bizId,
        @Nullable String orderingKey,
        @Nullable String source,
        String contentType,
        Map<String, String> headers,
        Payload payload,
        @Nullable Instant createdAt,
        @Nullable Instant dueAt,
        @Nullable Instant expiresAt) {

    public static final int MAX_TOPIC = 200;
    public static final int MAX_TYPE = 200;
    public static final int MAX_SCENE = 64;
    public static final int MAX_ORDERING_KEY = 128;
    public static final int MAX_SOURCE = 200;
    public static final int MAX_CONTENT_TYPE = 100;
    public static final String DEFAULT_CONTENT_TYPE = "application/json";

    private static final Instant EARLIEST = Instant.parse("1000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    /** RFC 9110, section 5.6.2. */
    private static final Pattern HTTP_TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern PRINTABLE_ASCII = Pattern.compile("[\\x20-\\x7E]+");

    public Message {
        Text.checked("topic", topic, MAX_TOPIC);
        Text.checked("type", type, MAX_TYPE);
        if (!bizId.scene().equals(type)) {
            Text.checked("scene", bizId.scene(), MAX_SCENE);
        }
        if (orderingKey != null) {
            Text.checked("ordering key", orderingKey, MAX_ORDERING_KEY);
        }
        if (source != null) {
            Text.checked("source", source, MAX_SOURCE);
        }
        checkContentType(contentType);
        headers = checkedHeaders(headers);
        checkTime("is created", createdAt);
        checkTime("is due", dueAt);
        checkTime("expires", expiresAt);
        dueAt = inMicroseconds(dueAt);
        expiresAt = inMicroseconds(expiresAt);
        if (dueAt != null && expiresAt != null && expiresAt.isBefore(dueAt)) {
            throw new RefusedException("The message expires at " + expiresAt + ", before it is due at " + dueAt
                    + "; it could never be delivered, so nothing was written.");
        }
    }

    /** Begins a message to a topic; {@link Builder#type}, {@link Builder#bizId} and a payload must follow. */
    public static Builder to(String topic) {
        return new Builder(topic);
    }

    public String scene() {
        return bizId.scene();
    }

    private static void checkContentType(String contentType) {
        if (contentType.equals(DEFAULT_CONTENT_TYPE)) {
            return;
        }
        Text.checked("content type", contentType, MAX_CONTENT_TYPE);
        if (!PRINTABLE_ASCII.matcher(contentType).matches()) {
            throw new RefusedException("The content type '" + Text.shown(contentType)
                    + "' has characters outside printable ASCII; nothing was written.");
        }
        if (contentType.strip().toLowerCase(Locale.ROOT).startsWith("application/cloudevents")) {
            throw new RefusedException("The content type '" + contentType
                    + "' would change how the envelope is read; give the payload's own content type. Nothing was"
                    + " written.");
        }
    }

    private static Map<String, String> checkedHeaders(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return Map.of();
        }
        Map<String, String> checked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, value) -> {
            if (!HTTP_TOKEN.matcher(name).matches()) {
                throw new RefusedException("The header name '" + Text.shown(name)
                        + "' is no HTTP token (letters, digits and !#$%&'*+.^_`|~-); nothing was written.");
            }
            Text.checkedOrEmpty("value of header '" + name + "'", value, Integer.MAX_VALUE);
            if (checked.put(name, value) != null) {
                throw new RefusedException("The header '" + name
                        + "' is given twice (names are compared without case); nothing was written.");
            }
        });
        return Collections.unmodifiableMap(checked);
    }

    private static void checkTime(String what, @Nullable Instant time) {
        if (time != null && (time.isBefore(EARLIEST) || time.isAfter(LATEST))) {
            throw new RefusedException("The message " + what + " at " + time
                    + ", which not every database keeps: the years 1000 to 9999 are taken; nothing was written.");
        }
    }

    /** What every database keeps: a finer time would come back changed. */
    private static @Nullable Instant inMicroseconds(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MICROS);
    }

    /** Collects what a message needs and says which part is missing. Not thread-safe. */
    public static final class Builder {

        private final String topic;
        private @Nullable MessageId id;
        private @Nullable String type;
        private @Nullable String scene;
        private @Nullable String bizId;
        private @Nullable String orderingKey;
        private @Nullable String source;
        private String contentType = DEFAULT_CONTENT_TYPE;
        private Map<String, String> headers = Map.of();
        private @Nullable Payload payload;
        private @Nullable Instant createdAt;
        private @Nullable Instant dueAt;
        private @Nullable Instant expiresAt;

        private Builder(String topic) {
            this.topic = topic;
        }

        /** For stores and receivers, which know the id already; publishers leave it to Bida. */
        public Builder id(MessageId id) {
            this.id = id;
            return this;
        }

        public Builder type(String type) {
            this.type = type;
            return this;
        }

        /** The business scenario that the biz-id is unique in; the type when not given. */
        public Builder scene(@Nullable String scene) {
            this.scene = scene;
            return this;
        }

        public Builder bizId(String bizId) {
            this.bizId = bizId;
            return this;
        }

        public Builder orderingKey(@Nullable String orderingKey) {
            this.orderingKey = orderingKey;
            return this;
        }

        public Builder source(@Nullable String source) {
            this.source = source;
            return this;
        }

        public Builder contentType(String contentType) {
            this.contentType = contentType;
            return this;
        }

        public Builder headers(Map<String, String> headers) {
            this.headers = headers;
            return this;
        }

        public Builder payload(Payload payload) {
            this.payload = payload;
            return this;
        }

        /** A text payload, sent as UTF-8. */
        public Builder payload(String text) {
            return payload(Payload.utf8(text));
        }

        public Builder createdAt(@Nullable Instant createdAt) {
            this.createdAt = createdAt;
            return this;
        }

        /** Not before; kept to the microsecond. */
        public Builder dueAt(@Nullable Instant dueAt) {
            this.dueAt = dueAt;
            return this;
        }

        /** Not after; kept to the microsecond. */
        public Builder expiresAt(@Nullable Instant expiresAt) {
            this.expiresAt = expiresAt;
            return this;
        }

        public Message build() {
            // Before the scene, which is the type where none is given: the reason names what the caller wrote.
            String type = Text.checked("type", given("type", this.type), MAX_TYPE);
            return new Message(
                    id == null ? MessageId.next() : id,
                    topic,
                    type,
                    new BizId(scene == null ? type : scene, given("biz-id", bizId)),
                    orderingKey,
                    source,
                    contentType,
                    headers,
                    given("payload", payload),
                    createdAt,
                    dueAt,
                    expiresAt);
        }

        private <T> T given(String name, @Nullable T value) {
            if (value == null) {
                throw new RefusedException(
                        "The message to '" + Text.shown(topic) + "' has no " + name + "; nothing was written.");
            }
            return value;
        }
    }
}
