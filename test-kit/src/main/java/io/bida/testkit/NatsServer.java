package io.bida.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A NATS server with JetStream, from the program {@code nats-server}. Thread-safe. */
public final class NatsServer extends BrokerServer {

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";

    private static final String GUEST = "guest";

    private NatsServer() {
        super("nats");
    }

    public static NatsServer start() {
        NatsServer server = new NatsServer();
        server.open();
        return server;
    }

    public String user() {
        return USER;
    }

    public String password() {
        return PASSWORD;
    }

    /** A user with the same password who may publish nothing under {@code private}. */
    public String guest() {
        return GUEST;
    }

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        return Map.of(
                "url",
                "nats://" + LOOPBACK + ":" + port(),
                "user",
                USER,
                "password",
                PASSWORD,
                "subject",
                channel,
                "create",
                true);
    }

    @Override
    List<String> command() {
        Path config = folder().resolve("nats.conf");
        try {
            // 1 MiB, the default, would be the headers' too.
            Files.writeString(config, """
                    listen: "%s:%d"
                    max_payload: 8MB
                    authorization {
                      users: [
                        { user: "%s", password: "%s" }
                        { user: "%s", password: "%s", permissions: { publish: { deny: "private.>" } } }
                      ]
                    }
                    jetstream { store_dir: "%s" }
                    """.formatted(
                            LOOPBACK, port(), USER, PASSWORD, GUEST, PASSWORD, folder().resolve("jetstream")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(program("nats-server", "nats-server"), "-c", config.toString());
    }
}
