package io.bida.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An ActiveMQ Artemis broker, from {@code brokers/artemis}. It creates nothing by itself: queues are created by the {@link
 * #operator()}, for whom {@code closed.#} is reserved. What is under {@code full.fail.#} and {@code full.block.#} is full
 * after some 50 kB. Thread-safe.
 */
public final class ArtemisServer extends BrokerServer {

    private ArtemisServer(boolean secure) {
        super("artemis", secure);
    }

    public static ArtemisServer start() {
        return start(false);
    }

    /** One that takes TLS only. */
    public static ArtemisServer startSecure() {
        return start(true);
    }

    private static ArtemisServer start(boolean secure) {
        ArtemisServer server = new ArtemisServer(secure);
        server.open();
        return server;
    }

    /** For Artemis's own client. */
    public String url() {
        String address = "tcp://" + LOOPBACK + ":" + port();
        return certificate()
                .map(own -> address + "?sslEnabled=true;trustStorePath=" + own.trustStore() + ";trustStorePassword="
                        + Certificate.PASSWORD)
                .orElse(address);
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
                "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory",
                "url",
                url(),
                "user",
                operator(),
                "password",
                password(),
                "queue",
                "auto." + channel);
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(java("artemis", "io.bida.broker.artemis.Artemis", "-Xmx256m"));
        command.addAll(List.of(String.valueOf(port()), folder().toString(), user(), operator(), password()));
        certificate()
                .ifPresent(own -> command.add("?sslEnabled=true;keyStorePath=" + own.keyStore() + ";keyStorePassword="
                        + Certificate.PASSWORD));
        return command;
    }
}
