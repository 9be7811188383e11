package io.bida.transport.jms;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection with one consumer, for one thread. Its session either acknowledges message by message, or is transacted and
 * ends a transaction when each message in it is settled.
 */
final class ReceivingLink implements AutoCloseable {

    private static final int MOST_IN_TRANSACTION = 100;
    private static final Duration TIDY = Duration.ofSeconds(3);

    /** {@code INDIVIDUAL_ACKNOWLEDGE} of Artemis and Qpid JMS. */
    private static final int INDIVIDUAL = 101;

    /** {@code INDIVIDUAL_ACKNOWLEDGE} of ActiveMQ Classic. */
    private static final int INDIVIDUAL_OF_CLASSIC = 4;

    private final JmsReceiver.Builder options;
    private final Connection connection;
    private final Session session;
    private final boolean transacted;
    private final Session keeping;
    private final MessageConsumer consumer;
    private volatile @Nullable JMSException lost;
    private int taken;
    private int settled;
    private boolean complete;

    private ReceivingLink(JmsReceiver.Builder options, Connection connection) throws JMSException {
        this.options = options;
        this.connection = connection;
        connection.setExceptionListener(e -> lost = e);
        Integer given = options.acknowledgeMode;
        int mode = given == null ? individualMode(connection) : given;
        transacted = mode == Session.SESSION_TRANSACTED;
        session = connection.createSession(transacted, mode);
        keeping = transacted ? session : connection.createSession(true, Session.SESSION_TRANSACTED);
        consumer = options.topic == null
                ? session.createConsumer(session.createQueue(options.queue))
                : session.createSharedDurableConsumer(session.createTopic(options.topic), options.group);
        connection.start();
    }

    static ReceivingLink open(JmsReceiver.Builder options) throws JMSException {
        Connection connection = Connections.open(options.factory, options.user, options.password);
        try {
            return new ReceivingLink(options, connection);
        } catch (JMSException | RuntimeException e) {
            Connections.closeInBackground(connection);
            throw e;
        }
    }

    /** The next message; null: none came for so long, or the connection is lost. */
    @Nullable Message receive(long millis) throws JMSException {
        Message message = consumer.receive(millis);
        if (message != null) {
            taken++;
        }
        complete = taken > 0 && (message == null || taken == MOST_IN_TRANSACTION);
        return message;
    }

    /** Whether the transaction takes one more. */
    boolean mayTake() {
        return !transacted || !complete;
    }

    /** @throws JMSException the connection is lost */
    void check() throws JMSException {
        JMSException failure = lost;
        if (failure != null) {
            throw failure;
        }
    }

    /** @throws JMSException after that failure nothing more can be done here */
    void checkAfter(JMSException failure) throws JMSException {
        if (transacted) {
            throw failure;
        }
        keeping.rollback();
        check();
    }

    void done(Message message) throws JMSException {
        if (transacted) {
            settled++;
        } else {
            message.acknowledge();
        }
    }

    /** Keeps it durably, then acknowledges it. */
    void dead(Message message, String reason) throws JMSException {
        try (MessageProducer producer = keeping.createProducer(keeping.createQueue(options.deadQueue()))) {
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            producer.send(deadLetter(message, reason));
        }
        if (!transacted) {
            keeping.commit();
        }
        done(message);
    }

    /** With the reason, where it can be copied. */
    private Message deadLetter(Message message, String reason) {
        try {
            return JmsEvents.deadLetter(keeping, message, reason);
        } catch (JMSException | RuntimeException e) {
            return message;
        }
    }

    /** Ends the transaction when all of it is settled. */
    void settled() throws JMSException {
        if (transacted && complete && settled == taken) {
            session.commit();
            taken = 0;
            settled = 0;
            complete = false;
        }
    }

    /** Gives back what was not acknowledged; waits for that no longer than a moment. */
    @Override
    public void close() throws InterruptedException {
        Connections.closeInBackground(connection).join(TIDY.toMillis());
    }

    private static int individualMode(Connection connection) {
        String provider = connection.getClass().getName();
        if (provider.startsWith("org.apache.activemq.artemis.") || provider.startsWith("org.apache.qpid.jms.")) {
            return INDIVIDUAL;
        }
        return provider.startsWith("org.apache.activemq.") ? INDIVIDUAL_OF_CLASSIC : Session.SESSION_TRANSACTED;
    }
}
