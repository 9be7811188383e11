package io.bida.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A NATS server with JetStream, from the program {@code nats-server}. Thread-safe. */
public final class NatsServer extends BrokerServer {

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";

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

    @Override
    List<String> command() {
        Path config = folder().resolve("nats.conf");
        try {
            // 1 MiB, the default, would be the headers' too.
            Files.writeString(config, """
                    listen: "%s:%d"
                    max_payload: 8MB
                    authorization { user: "%s", password: "%s" }
                    jetstream { store_dir: "%s" }
                    """.formatted(LOOPBACK, port(), USER, PASSWORD, folder().resolve("jetstream")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(program("nats-server", "nats-server"), "-c", config.toString());
    }
}
