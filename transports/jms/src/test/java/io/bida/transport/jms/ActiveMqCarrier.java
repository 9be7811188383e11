package io.bida.transport.jms;

import io.bida.testkit.ActiveMqServer;
import io.bida.testkit.BrokerServer;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Queue;
import java.util.OptionalInt;
import org.apache.activemq.ActiveMQConnectionFactory;

final class ActiveMqCarrier extends JmsCarrier {

    private static final int TOO_LARGE = 9 << 20;

    private final ActiveMqServer server;

    ActiveMqCarrier() {
        this(ActiveMqServer.start());
    }

    private ActiveMqCarrier(ActiveMqServer server) {
        super(server.port());
        this.server = server;
    }

    /** A queue that never had a message is forgotten when the broker ends. */
    @Override
    void create(String name) {
        as(operator(), session -> {
            Queue queue = session.createQueue(name);
            session.createProducer(queue).send(session.createMessage());
            return session.createConsumer(queue).receive();
        });
    }

    @Override
    ConnectionFactory factory(Way way) {
        return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port(way));
    }

    @Override
    String user() {
        return server.user();
    }

    @Override
    String operator() {
        return server.operator();
    }

    @Override
    String password() {
        return server.password();
    }

    @Override
    public BrokerServer broker() {
        return server;
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(TOO_LARGE);
    }
}
