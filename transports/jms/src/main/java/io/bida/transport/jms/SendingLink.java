package io.bida.transport.jms;

import io.bida.message.Message;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.HashMap;
import java.util.Map;

/** A connection with a transacted session, and another session for messages that go alone; for one thread. */
final class SendingLink {

    private final JmsSender.Builder options;
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;
    private final MessageProducer alone;
    private final Map<String, Destination> destinations = new HashMap<>();

    private SendingLink(JmsSender.Builder options, Connection connection) throws JMSException {
        this.options = options;
        this.connection = connection;
        session = connection.createSession(true, Session.SESSION_TRANSACTED);
        producer = producer(session);
        alone = producer(connection.createSession(false, Session.AUTO_ACKNOWLEDGE));
    }

    private static MessageProducer producer(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(null);
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        return producer;
    }

    static SendingLink open(JmsSender.Builder options) throws JMSException {
        Connection connection = Connections.open(options.factory, options.user, options.password);
        try {
            return new SendingLink(options, connection);
        } catch (JMSException | RuntimeException e) {
            Connections.closeInBackground(connection);
            throw e;
        }
    }

    /** Within the transaction; what was sent has the provider's id. */
    BytesMessage send(String destination, Message message) throws JMSException {
        return send(producer, destination, message);
    }

    /** By itself: the provider answers for it, and says what is wrong with it. */
    BytesMessage sendAlone(String destination, Message message) throws JMSException {
        return send(alone, destination, message);
    }

    private BytesMessage send(MessageProducer producer, String destination, Message message) throws JMSException {
        BytesMessage written = JmsEvents.write(session, message);
        if (!options.deduplication.isEmpty()) {
            written.setStringProperty(options.deduplication, message.id().toString());
        }
        producer.send(destination(destination), written);
        return written;
    }

    void commit() throws JMSException {
        session.commit();
    }

    /** Whether the provider answered that nothing of the transaction is left, so that the session can go on. */
    boolean rolledBack() {
        try {
            session.rollback();
            return true;
        } catch (JMSException | RuntimeException e) {
            return false;
        }
    }

    /** Does not wait. */
    void close() {
        Connections.closeInBackground(connection);
    }

    private Destination destination(String name) throws JMSException {
        Destination known = destinations.get(name);
        if (known == null) {
            known = options.topic == null ? session.createQueue(name) : session.createTopic(name);
            destinations.put(name, known);
        }
        return known;
    }
}
