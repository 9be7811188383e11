package io.bida.transport.nats;

import io.bida.transport.Receipt;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What the answer to a published message means. */
final class NatsReceipts {

    /** The message, or its headers, exceed what the stream takes. */
    private static final Set<Integer> TOO_LARGE = Set.of(10054, 10097);

    private NatsReceipts() {}

    static Receipt of(String subject, @Nullable Message answer, @Nullable Throwable failure) {
        if (answer != null) {
            return of(subject, answer);
        }
        if (isWithoutStream(failure)) {
            return new Receipt.Failed("No stream takes the subject " + subject + ".");
        }
        return new Receipt.Unknown("The connection ended before the answer for " + subject + " came.");
    }

    /** Whether the server answered that nobody is there to answer. */
    static boolean isWithoutStream(@Nullable Throwable failure) {
        return failure instanceof JetStreamStatusException
                || (failure instanceof CompletionException && isWithoutStream(failure.getCause()));
    }

    private static Receipt of(String subject, Message answer) {
        try {
            PublishAck taken = new PublishAck(answer);
            return new Receipt.Accepted("stream " + taken.getStream() + ", sequence " + taken.getSeqno()
                    + (taken.isDuplicate() ? ", which it had" : ""));
        } catch (JetStreamApiException e) {
            String reason = "The stream of " + subject + " answered: " + e.getMessage();
            return TOO_LARGE.contains(e.getApiErrorCode()) ? new Receipt.Rejected(reason) : new Receipt.Failed(reason);
        } catch (IOException e) {
            return new Receipt.Unknown("Something that is no stream answered on the subject " + subject + ".");
        }
    }
}
