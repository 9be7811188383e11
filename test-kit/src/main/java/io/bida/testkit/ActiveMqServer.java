package io.bida.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An ActiveMQ Classic broker, from {@code brokers/activemq}. Only the {@link #operator()} may create queues, and has {@code
 * closed.>} for himself. Thread-safe.
 */
public final class ActiveMqServer extends BrokerServer {

    private ActiveMqServer() {
        super("activemq");
    }

    public static ActiveMqServer start() {
        ActiveMqServer server = new ActiveMqServer();
        server.open();
        return server;
    }

    /** For the client of ActiveMQ Classic. */
    public String url() {
        return "tcp://" + LOOPBACK + ":" + port();
    }

    /** May send and receive. */
    public String user() {
        return "bida";
    }

    /** May do everything; has the same password. */
    public String operator() {
        return "operator";
    }

    public String password() {
        return "bida-secret";
    }

    @Override
    public String type() {
        return "jms";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        return Map.of(
                "factory",
                "org.apache.activemq.ActiveMQConnectionFactory",
                "url",
                url(),
                "user",
                operator(),
                "password",
                password(),
                "queue",
                channel);
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(java("activemq", "io.bida.broker.activemq.ActiveMqClassic", "-Xmx256m"));
        command.addAll(List.of(String.valueOf(port()), folder().toString(), user(), operator(), password()));
        return command;
    }
}
