package io.bida.transport.jms;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.transport.Delivery;
import io.bida.transport.DeliveryReader;
import io.bida.transport.EventBinding;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The envelope in the properties of a JMS message, both ways: attributes as {@code cloudEvents_<name>}, the message's own
 * headers as {@code bida_h_<name>} with the name in the code of {@link PropertyNames}, the content type as {@code
 * cloudEvents_datacontenttype}, the ordering key as {@code JMSXGroupID} too; see {@link EventBinding}.
 */
final class JmsEvents {

    /** The property of a dead letter that tells why it is one. */
    static final String REASON = "bida_reason";

    private static final String ATTRIBUTE = "cloudEvents_";
    private static final String CONTENT_TYPE = ATTRIBUTE + "datacontenttype";
    private static final String HEADER = "bida_h_";
    private static final String GROUP = "JMSXGroupID";

    /** How an attribute is named by those who write AMQP. */
    private static final String AMQP_ATTRIBUTE = "cloudevents:";

    /** Where providers show JMS clients the content type of an AMQP message. */
    private static final String AMQP_CONTENT_TYPE = "JMS_AMQP_ContentType";

    private static final String DEFAULT_SOURCE = "bida";

    /** Says how the values of the properties are written: not all clients carry characters beyond 16 bits. */
    private static final String ENCODING = "bida_encoding";

    private static final String PERCENT = "percent";

    private static final EventBinding BINDING = EventBinding.of("cloudevents_", HEADER);
    private static final EventBinding ENCODED = EventBinding.percentEncoded("cloudevents_", HEADER);

    private JmsEvents() {}

    static BytesMessage write(Session session, Message message) throws JMSException {
        BytesMessage written = session.createBytesMessage();
        for (Map.Entry<String, String> property : properties(message).entrySet()) {
            written.setStringProperty(identifier(property.getKey()), property.getValue());
        }
        written.setStringProperty(CONTENT_TYPE, message.contentType());
        if (message.orderingKey() != null) {
            written.setStringProperty(GROUP, message.orderingKey());
        }
        written.setJMSCorrelationID(message.id().toString());
        written.setJMSType(message.type());
        written.writeBytes(message.payload().toByteArray());
        return written;
    }

    private static Map<String, String> properties(Message message) {
        Map<String, String> plain = BINDING.write(message, DEFAULT_SOURCE);
        if (plain.values().stream().allMatch(value -> value.chars().noneMatch(JmsEvents::isSurrogate))) {
            return plain;
        }
        Map<String, String> encoded = new TreeMap<>(ENCODED.write(message, DEFAULT_SOURCE));
        encoded.put(ENCODING, PERCENT);
        return encoded;
    }

    private static boolean isSurrogate(int unit) {
        return Character.isSurrogate((char) unit);
    }

    /** @param others reads what is no event */
    static DeliveryReader reader(DeliveryReader others) {
        DeliveryReader plain = DeliveryReader.events(BINDING, others);
        DeliveryReader encoded = DeliveryReader.events(ENCODED, others);
        return delivery ->
                (delivery.properties().contains(Map.entry(ENCODING, PERCENT)) ? encoded : plain).read(delivery);
    }

    /** @throws RefusedException a body that is neither bytes nor text, or a header whose name is not encoded */
    static Delivery read(String channel, jakarta.jms.Message message) throws JMSException {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        String contentType = message.getStringProperty(AMQP_CONTENT_TYPE);
        for (String name : names(message)) {
            String value = String.valueOf(message.getObjectProperty(name));
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals(CONTENT_TYPE.toLowerCase(Locale.ROOT))) {
                contentType = value;
            } else if (lower.startsWith(AMQP_ATTRIBUTE)) {
                properties.add(Map.entry(ATTRIBUTE + name.substring(AMQP_ATTRIBUTE.length()), value));
            } else if (lower.startsWith(HEADER)) {
                properties.add(Map.entry(HEADER + PropertyNames.decode(name.substring(HEADER.length())), value));
            } else {
                properties.add(Map.entry(name, value));
            }
        }
        return new Delivery(
                channel,
                message.getStringProperty(GROUP),
                properties,
                contentType,
                payload(message),
                message.getJMSMessageID());
    }

    /** A copy to be kept, with the reason; a body of entries, values or an object is kept as it is, without the reason. */
    static jakarta.jms.Message deadLetter(Session session, jakarta.jms.Message message, String reason)
            throws JMSException {
        if (hasOtherBody(message)) {
            return message;
        }
        jakarta.jms.Message copy = copyOfBody(session, message);
        copy.setJMSCorrelationID(message.getJMSCorrelationID());
        copy.setJMSType(message.getJMSType());
        copy.setJMSReplyTo(message.getJMSReplyTo());
        for (String name : names(message)) {
            if (name.equals(GROUP) || !isOfProvider(name)) {
                copy.setObjectProperty(name, message.getObjectProperty(name));
            }
        }
        copy.setStringProperty(REASON, reason);
        return copy;
    }

    private static String identifier(String property) {
        String attribute = ATTRIBUTE.toLowerCase(Locale.ROOT);
        if (property.startsWith(attribute)) {
            return ATTRIBUTE + property.substring(attribute.length());
        }
        return property.startsWith(HEADER)
                ? HEADER + PropertyNames.encode(property.substring(HEADER.length()))
                : property;
    }

    private static Payload payload(jakarta.jms.Message message) throws JMSException {
        if (hasOtherBody(message)) {
            throw new RefusedException("Its body is neither bytes nor text, which is all that is read.");
        }
        if (message instanceof TextMessage text) {
            return text.getText() == null ? Payload.EMPTY : Payload.utf8(text.getText());
        }
        return message instanceof BytesMessage bytes ? Payload.wrap(bytes(bytes)) : Payload.EMPTY;
    }

    private static byte[] bytes(BytesMessage message) throws JMSException {
        byte[] bytes = new byte[Math.toIntExact(message.getBodyLength())];
        if (bytes.length > 0) {
            message.readBytes(bytes);
        }
        return bytes;
    }

    private static jakarta.jms.Message copyOfBody(Session session, jakarta.jms.Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return session.createTextMessage(text.getText());
        }
        if (message instanceof BytesMessage bytes) {
            bytes.reset();
            BytesMessage copy = session.createBytesMessage();
            copy.writeBytes(bytes(bytes));
            return copy;
        }
        return session.createMessage();
    }

    private static boolean hasOtherBody(jakarta.jms.Message message) {
        return message instanceof MapMessage || message instanceof StreamMessage || message instanceof ObjectMessage;
    }

    /** {@code _AMQ_DUPL_ID} of a dead letter would have Artemis drop it on its way back. */
    private static boolean isOfProvider(String name) {
        return name.startsWith("JMS") || name.startsWith("_AMQ_");
    }

    private static List<String> names(jakarta.jms.Message message) throws JMSException {
        List<String> names = new ArrayList<>();
        for (Enumeration<?> all = message.getPropertyNames(); all.hasMoreElements(); ) {
            names.add(String.valueOf(all.nextElement()));
        }
        return names;
    }
}
