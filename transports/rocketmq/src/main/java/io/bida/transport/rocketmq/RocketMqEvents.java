package io.bida.transport.rocketmq;

import io.bida.message.Payload;
import io.bida.transport.Delivery;
import io.bida.transport.DeliveryReader;
import io.bida.transport.EventBinding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;

/**
 * The envelope as properties of a RocketMQ message, both ways, by the RocketMQ binding of CloudEvents: {@code CE_} before
 * each attribute, the content type as {@code CE_contenttype}. The message id is the message's key, which brokers index; the
 * ordering key is its sharding key too, which brokers 5.x call message group.
 *
 * <p>RocketMQ joins properties to one text by two control characters, keeps no empty value, and no empty body. An event with
 * such values has all of them percent-encoded and says so; an empty body is one zero byte, which the event says too.
 */
final class RocketMqEvents {

    /** For messages without one. */
    private static final String SOURCE = "bida";

    private static final String PREFIX = "CE_";
    private static final String HEADER_PREFIX = "bida-h-";
    private static final String CONTENT_TYPE = PREFIX + "contenttype";
    private static final String OTHER_CONTENT_TYPE = PREFIX + "datacontenttype";

    private static final String ENCODING = "bida-encoding";
    private static final String PERCENT = "percent";
    private static final String EMPTY = "bida-empty";

    private static final EventBinding BINDING = EventBinding.of(PREFIX, HEADER_PREFIX);
    private static final EventBinding ENCODED = EventBinding.percentEncoded(PREFIX, HEADER_PREFIX);

    /** Percent-encoding makes nothing of nothing; this is what its decoding takes for nothing. */
    private static final String ENCODED_NOTHING = "\"\"";

    private static final byte[] NO_BODY = {0};

    private RocketMqEvents() {}

    static Message write(io.bida.message.Message message, String topic) {
        byte[] payload = message.payload().toByteArray();
        Message written = new Message(topic, payload.length == 0 ? NO_BODY : payload);
        written.setKeys(message.id().toString());
        String key = message.orderingKey();
        if (key != null && isHarmless(key)) {
            MessageAccessor.putProperty(written, MessageConst.PROPERTY_SHARDING_KEY, key);
        }
        properties(message).forEach((name, value) -> MessageAccessor.putProperty(written, name, value));
        MessageAccessor.putProperty(written, CONTENT_TYPE, message.contentType());
        if (payload.length == 0) {
            MessageAccessor.putProperty(written, EMPTY, "true");
        }
        return written;
    }

    private static Map<String, String> properties(io.bida.message.Message message) {
        Map<String, String> plain = BINDING.write(message, SOURCE);
        if (plain.values().stream().allMatch(RocketMqEvents::isHarmless)) {
            return plain;
        }
        Map<String, String> encoded = new TreeMap<>(ENCODED.write(message, SOURCE));
        encoded.replaceAll((name, value) -> value.isEmpty() ? ENCODED_NOTHING : value);
        encoded.put(ENCODING, PERCENT);
        return encoded;
    }

    private static boolean isHarmless(String value) {
        return !value.isEmpty() && value.indexOf('\u0001') < 0 && value.indexOf('\u0002') < 0;
    }

    /** @param others reads what is no event */
    static DeliveryReader reader(DeliveryReader others) {
        DeliveryReader plain = DeliveryReader.events(BINDING, others);
        DeliveryReader encoded = DeliveryReader.events(ENCODED, others);
        return delivery ->
                (delivery.properties().contains(Map.entry(ENCODING, PERCENT)) ? encoded : plain).read(delivery);
    }

    static Delivery delivery(MessageExt message) {
        Map<String, String> properties = new TreeMap<>(message.getProperties());
        String contentType = properties.remove(CONTENT_TYPE);
        String otherContentType = properties.remove(OTHER_CONTENT_TYPE);
        return new Delivery(
                message.getTopic(),
                message.getProperty(MessageConst.PROPERTY_SHARDING_KEY),
                List.copyOf(properties.entrySet()),
                contentType == null ? otherContentType : contentType,
                message.getBody() == null || properties.containsKey(EMPTY)
                        ? Payload.EMPTY
                        : Payload.wrap(message.getBody()),
                message.getMsgId());
    }

    /** The same message for another topic, with a reason; without what its way here has left on it. */
    static Message deadLetter(MessageExt message, String topic, String reason) {
        Message dead = new Message(topic, message.getBody() == null ? NO_BODY : message.getBody());
        dead.setFlag(message.getFlag());
        own(message.getProperties())
                .forEach(entry -> MessageAccessor.putProperty(dead, entry.getKey(), entry.getValue()));
        dead.putUserProperty("bida-reason", reason);
        return dead;
    }

    private static Collection<Map.Entry<String, String>> own(Map<String, String> properties) {
        List<Map.Entry<String, String>> own = new ArrayList<>();
        properties.entrySet().stream()
                .filter(entry -> !MessageConst.STRING_HASH_SET.contains(entry.getKey()) || isCarriedOn(entry.getKey()))
                .forEach(own::add);
        return own;
    }

    private static boolean isCarriedOn(@Nullable String name) {
        return MessageConst.PROPERTY_KEYS.equals(name)
                || MessageConst.PROPERTY_TAGS.equals(name)
                || MessageConst.PROPERTY_SHARDING_KEY.equals(name);
    }
}
