package io.bida.transport.jms;

import io.bida.testkit.ArtemisServer;
import io.bida.testkit.BrokerServer;
import jakarta.jms.ConnectionFactory;
import java.util.OptionalInt;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

final class ArtemisCarrier extends JmsCarrier {

    private final ArtemisServer server;

    ArtemisCarrier() {
        this(ArtemisServer.start());
    }

    private ArtemisCarrier(ArtemisServer server) {
        super(server.port());
        this.server = server;
    }

    /** Something with a session of Artemis's own protocol, as the operator. */
    interface Operation {
        void with(ClientSession session) throws ActiveMQException;
    }

    void operate(Operation operation) {
        try (ServerLocator locator = ActiveMQClient.createServerLocator(server.url());
                ClientSessionFactory sessions = locator.createSessionFactory();
                ClientSession session =
                        sessions.createSession(server.operator(), server.password(), false, true, true, false, 0)) {
            operation.with(session);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    void create(String queue) {
        operate(session -> {
            session.createAddress(SimpleString.of(queue), RoutingType.ANYCAST, false);
            session.createQueue(QueueConfiguration.of(queue)
                    .setRoutingType(RoutingType.ANYCAST)
                    .setDurable(true));
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
        return OptionalInt.empty();
    }

    @Override
    public boolean dropsResends() {
        return true;
    }
}
