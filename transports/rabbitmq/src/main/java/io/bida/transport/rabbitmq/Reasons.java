package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;

/** What the client's exceptions say, in one line. */
final class Reasons {

    private Reasons() {}

    static String of(Throwable failure) {
        if (failure instanceof ShutdownSignalException signal) {
            Method method = signal.getReason();
            if (method instanceof AMQP.Channel.Close close) {
                return close.getReplyCode() + " " + close.getReplyText();
            }
            if (method instanceof AMQP.Connection.Close close) {
                return close.getReplyCode() + " " + close.getReplyText();
            }
        }
        Throwable cause = failure.getCause();
        String message = failure.getMessage();
        if (cause != null && (message == null || failure instanceof ShutdownSignalException)) {
            return of(cause);
        }
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
