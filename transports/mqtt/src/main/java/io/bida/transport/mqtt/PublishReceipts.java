package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.exceptions.MqttEncodeException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import io.bida.transport.Receipt;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a PUBACK, or its absence, means for a message. */
final class PublishReceipts {

    private PublishReceipts() {}

    /** @param failure null: the broker acknowledged */
    static Receipt receipt(MqttAddress address, @Nullable Mqtt5PublishResult result, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause == null && result instanceof Mqtt5Qos1Result taken) {
            return receipt(address, taken.getPubAck());
        }
        if (cause instanceof Mqtt5PubAckException refused) {
            return receipt(address, refused.getMqttMessage());
        }
        if (cause instanceof MqttEncodeException) {
            return new Receipt.Rejected(address + " takes no message of that size: " + cause.getMessage());
        }
        if (cause instanceof MqttClientStateException) {
            return Receipt.Failed.unavailable(address + " is not connected: " + cause.getMessage(), null);
        }
        return new Receipt.Unknown("The connection to " + address + " was lost before it answered: "
                + (cause == null ? "no PUBACK" : cause.getMessage()));
    }

    private static Receipt receipt(MqttAddress address, Mqtt5PubAck answer) {
        Mqtt5PubAckReasonCode code = answer.getReasonCode();
        String reason = address + " answered " + code
                + answer.getReasonString().map(text -> ": " + text).orElse("");
        return switch (code) {
            case SUCCESS -> new Receipt.Accepted("PUBACK");
            case NO_MATCHING_SUBSCRIBERS ->
                new Receipt.Failed(
                        reason + ". No session subscribes to the topic, so the broker keeps the message for nobody.");
            case PAYLOAD_FORMAT_INVALID, TOPIC_NAME_INVALID -> new Receipt.Rejected(reason);
            default -> new Receipt.Failed(reason);
        };
    }
}
