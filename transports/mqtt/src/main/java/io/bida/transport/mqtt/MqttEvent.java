package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Delivery;
import io.bida.transport.EventBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A message as an MQTT 5 publish, both ways, in the binary mode of the CloudEvents binding: attributes are user properties
 * under their own names, the content type is the publish's own. So a user property that is neither an attribute nor one of
 * the message's own headers ({@code bida-h-<name>}) counts as an extension of the event, and becomes a header.
 */
final class MqttEvent {

    static final EventBinding BINDING = EventBinding.of("", "bida-h-");

    private static final String REASON = "bida-reason";
    private static final String DEFAULT_SOURCE = "bida";

    private MqttEvent() {}

    /** An {@link IllegalArgumentException} where MQTT has no place for it: in the topic's name, say. */
    static Mqtt5Publish publish(Message message, String topic) {
        List<Mqtt5UserProperty> properties = new ArrayList<>();
        BINDING.write(message, DEFAULT_SOURCE, (name, value) -> properties.add(Mqtt5UserProperty.of(name, value)));
        return Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(message.payload().toByteArray())
                .contentType(message.contentType())
                .userProperties(Mqtt5UserProperties.of(properties))
                .build();
    }

    static Delivery delivery(Mqtt5Publish publish) {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        publish.getUserProperties()
                .asList()
                .forEach(property -> properties.add(Map.entry(
                        property.getName().toString(), property.getValue().toString())));
        return new Delivery(
                publish.getTopic().toString(),
                null,
                properties,
                publish.getContentType().map(String::valueOf).orElse(null),
                Payload.wrap(publish.getPayloadAsBytes()),
                null);
    }

    static Mqtt5Publish deadLetter(Mqtt5Publish publish, String topic, String reason) {
        return publish.extend()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(false)
                .noMessageExpiry()
                .userProperties(publish.getUserProperties()
                        .extend()
                        .add(REASON, reason.replace("\0", ""))
                        .build())
                .build();
    }
}
