package io.bida.transport.rocketmq;

import io.bida.transport.Receipt;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingConnectException;
import org.apache.rocketmq.remoting.exception.RemotingTooMuchRequestException;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/** What RocketMQ's answers and the client's exceptions mean for a message. */
final class Receipts {

    private static final int SHOWN = 300;
    private static final int DEPTH = 8;

    private Receipts() {}

    /** @param replicated whether a broker that has replicas must have told one of them */
    static Receipt of(SendResult result, boolean replicated) {
        MessageQueue queue = result.getMessageQueue();
        String proof = queue.getBrokerName() + "/" + queue.getTopic() + "/" + queue.getQueueId() + "@"
                + result.getQueueOffset();
        return switch (result.getSendStatus()) {
            case SEND_OK -> new Receipt.Accepted(proof);
            case FLUSH_DISK_TIMEOUT -> new Receipt.Unknown("The broker has it, yet not on its disk in time: " + proof);
            case FLUSH_SLAVE_TIMEOUT, SLAVE_NOT_AVAILABLE ->
                replicated
                        ? new Receipt.Unknown("The broker has it, its replica has not told so ("
                                + result.getSendStatus() + "): " + proof)
                        : new Receipt.Accepted(proof + " " + result.getSendStatus());
        };
    }

    /** What was thrown instead of an answer, or told so. */
    static Receipt of(Throwable failure) {
        for (Throwable cause : causes(failure)) {
            if (cause instanceof MQBrokerException refusal) {
                return refused(refusal.getResponseCode(), String.valueOf(refusal.getErrorMessage()));
            }
            if (cause instanceof RemotingConnectException) {
                return Receipt.Failed.unavailable("The broker cannot be reached.", null);
            }
            if (cause instanceof RemotingTooMuchRequestException) {
                return new Receipt.Failed("The client could not send it in time: too much is under way.");
            }
        }
        if (responseCode(failure) == ResponseCode.MESSAGE_ILLEGAL) {
            return new Receipt.Rejected("It cannot be sent" + why(failure));
        }
        if (failure instanceof MQClientException && failure.getCause() == null) {
            // Told before anything was sent: no broker's address, say.
            return Receipt.Failed.unavailable("It was not sent" + why(failure), null);
        }
        // Not the exception's own words: they may tell the whole request with its signature.
        return new Receipt.Unknown("The connection was lost, or no answer came in time.");
    }

    private static Receipt refused(int code, String remark) {
        String reason = "The broker refused it (" + code + "): " + shown(remark);
        return switch (code) {
            case ResponseCode.MESSAGE_ILLEGAL -> new Receipt.Rejected(reason);
            case ResponseCode.SERVICE_NOT_AVAILABLE -> Receipt.Failed.unavailable(reason, null);
            default -> new Receipt.Failed(reason);
        };
    }

    static Receipt noRoute(String topic, Throwable failure) {
        return Receipt.Failed.unavailable(
                "The name server does not tell where topic " + topic + " is" + why(failure), null);
    }

    /** The code that a server or the client gave the failure; -1: none. */
    static int responseCode(Throwable failure) {
        for (Throwable cause : causes(failure)) {
            if (cause instanceof MQClientException client && client.getResponseCode() > 0) {
                return client.getResponseCode();
            }
            if (cause instanceof MQBrokerException broker) {
                return broker.getResponseCode();
            }
        }
        return -1;
    }

    /** The end of a sentence. */
    static String why(Throwable failure) {
        List<Throwable> causes = causes(failure);
        Throwable last = causes.get(causes.size() - 1);
        if (last instanceof MQBrokerException broker) {
            return ": " + shown(String.valueOf(broker.getErrorMessage()));
        }
        if (last instanceof MQClientException client) {
            String message = client.getErrorMessage();
            return ": " + shown(message == null ? String.valueOf(client.getMessage()) : message);
        }
        return ": " + last.getClass().getSimpleName();
    }

    private static List<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(DEPTH)
                .toList();
    }

    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }
}
