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

    private NatsServer(boolean secure) {
        super("nats", secure);
    }

    public static NatsServer start() {
        return start(false);
    }

    /** One that takes TLS only. */
    public static NatsServer startSecure() {
        return start(true);
    }

    private static NatsServer start(boolean secure) {
        NatsServer server = new NatsServer(secure);
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
        String scheme = certificate().isPresent() ? "tls://" : "nats://";
        return trusting(
                Map.of(
                        "url",
                        scheme + LOOPBACK + ":" + port(),
                        "user",
                        USER,
                        "password",
                        PASSWORD,
                        "subject",
                        channel,
                        "create",
                        true),
                own -> Map.of("trustStore", own.trustStore().toString(), "trustStorePassword", Certificate.PASSWORD));
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
                    %s
                    """.formatted(
                            LOOPBACK, port(), USER, PASSWORD, GUEST, PASSWORD, folder().resolve("jetstream"), tls()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(program("nats-server", "nats-server"), "-c", config.toString());
    }

    private String tls() {
        return certificate()
                .map(own -> "tls { cert_file: \"%s\", key_file: \"%s\" }".formatted(own.certificate(), own.key()))
                .orElse("");
    }
}
