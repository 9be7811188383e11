package io.bida.transport.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opening and closing, which may take long where nobody answers. */
final class Connections {

    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    private Connections() {}

    static Connection open(ConnectionFactory factory, @Nullable String user, @Nullable String password)
            throws JMSException {
        return user == null ? factory.createConnection() : factory.createConnection(user, password);
    }

    /** The thread it returns ends when the provider has closed the connection. */
    static Thread closeInBackground(Connection connection) {
        Thread thread = new Thread(() -> close(connection), "bida-jms-close");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (JMSException | RuntimeException e) {
            log.debug("A connection was not closed tidily: {}", Failures.text(e));
        }
    }
}
