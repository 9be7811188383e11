package io.bida.transport.kafka;

import io.bida.transport.Receipt;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** What Kafka's exceptions mean for a message. */
final class ErrorReceipts {

    private ErrorReceipts() {}

    /** The client did not take the record, so it is on no way to the broker. */
    static Receipt notTaken(Exception failure, String topic, String servers) {
        Exception told = told(failure);
        if (told instanceof UnknownTopicOrPartitionException) {
            return new Receipt.Failed("Not sent: the topic " + topic + " is not there.");
        }
        if (told instanceof TimeoutException) {
            return Receipt.Failed.unavailable(
                    "Not sent: " + servers + " told nothing about the topic " + topic
                            + ", or takes less than is waiting to be sent (" + told.getMessage() + ").",
                    null);
        }
        return answered(told, new Receipt.Failed("Not sent: " + told));
    }

    /**
     * The client had taken the record and gave it up.
     *
     * @param perhapsSent false: since it took it, the client has sent nothing to anybody
     */
    static Receipt givenUp(Exception failure, boolean perhapsSent, String servers) {
        if (failure instanceof TimeoutException && !perhapsSent) {
            return Receipt.Failed.unavailable(
                    "Not sent: there was no connection to " + servers + " (" + failure.getMessage() + ").", null);
        }
        return answered(failure, new Receipt.Unknown("Given up: " + failure));
    }

    /** What the brokers have told, of which a time-out is only the consequence. */
    static Exception told(Exception failure) {
        return failure.getCause() instanceof ApiException cause ? cause : failure;
    }

    /** After these a producer can send nothing any more; what it is given then has them as its cause. */
    static boolean isFatal(Exception failure) {
        return endsProducer(failure) || endsProducer(failure.getCause());
    }

    private static boolean endsProducer(@Nullable Throwable failure) {
        return failure instanceof AuthenticationException
                || failure instanceof ClusterAuthorizationException
                || failure instanceof UnsupportedVersionException;
    }

    /** What the broker has answered, or the client in its place. */
    private static Receipt answered(Exception failure, Receipt otherwise) {
        if (failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof InvalidTopicException) {
            return new Receipt.Rejected("Never taken: " + failure.getMessage());
        }
        if (isFatal(failure)) {
            Throwable cause = endsProducer(failure) ? failure : failure.getCause();
            return Receipt.Failed.unavailable("Not let in: " + cause, null);
        }
        return isRefusal(failure) ? new Receipt.Failed("Refused: " + failure) : otherwise;
    }

    private static boolean isRefusal(Exception failure) {
        return failure instanceof AuthorizationException
                || failure instanceof UnknownTopicOrPartitionException
                || failure instanceof UnknownTopicIdException
                || failure instanceof NotEnoughReplicasException
                || failure instanceof NotLeaderOrFollowerException
                || failure instanceof LeaderNotAvailableException
                || failure instanceof KafkaStorageException
                || failure instanceof ThrottlingQuotaExceededException
                || failure instanceof PolicyViolationException;
    }
}
