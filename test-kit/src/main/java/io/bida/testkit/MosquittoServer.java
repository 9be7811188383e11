package io.bida.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An MQTT broker, from the program {@code mosquitto}. It keeps messages in memory and writes them when it ends tidily, so
 * {@link #bounce} keeps them and {@link #restart} does not. Nobody may use topics under {@code forbidden/}.
 * Thread-safe.
 */
public final class MosquittoServer extends BrokerServer {

    /** No packet may be larger. */
    public static final int MAX_PACKET = 2 << 20;

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";

    private MosquittoServer(boolean secure) {
        super("mosquitto", secure);
    }

    public static MosquittoServer start() {
        return start(false);
    }

    /** One that takes TLS only. */
    public static MosquittoServer startSecure() {
        return start(true);
    }

    private static MosquittoServer start(boolean secure) {
        MosquittoServer server = new MosquittoServer(secure);
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
    public String type() {
        return "mqtt";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        String scheme = certificate().isPresent() ? "mqtts://" : "mqtt://";
        return trusting(
                Map.of("url", scheme + LOOPBACK + ":" + port(), "user", USER, "password", PASSWORD, "topic", channel),
                own -> Map.of("truststore", own.trustStore().toString(), "truststorePassword", Certificate.PASSWORD));
    }

    @Override
    public void bounce() {
        restartTidily();
    }

    @Override
    List<String> command() {
        Path config = folder().resolve("mosquitto.conf");
        try {
            if (!Files.exists(config)) {
                configure(config);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(program("mosquitto", "mosquitto"), "-c", config.toString());
    }

    private void configure(Path config) throws IOException {
        Path passwords = folder().resolve("passwords");
        Path rights = folder().resolve("rights");
        Files.writeString(passwords, USER + ":" + PASSWORD + "\n");
        ServerProcess.run(
                List.of(program("mosquitto_passwd", "mosquitto"), "-U", passwords.toString()),
                folder(),
                ProcessBuilder.Redirect.PIPE);
        Files.writeString(rights, """
                user %s
                topic readwrite #
                topic deny forbidden/#
                """.formatted(USER));
        // As root it would become another user, who may not write here.
        Files.writeString(config, """
                user root
                listener %d %s
                %s
                allow_anonymous false
                password_file %s
                acl_file %s
                persistence true
                persistence_location %s/
                max_packet_size %d
                max_inflight_messages 1000
                max_queued_messages 0
                """.formatted(port(), LOOPBACK, tls(), passwords, rights, folder(), MAX_PACKET));
    }

    private String tls() {
        return certificate()
                .map(own -> "certfile " + own.certificate() + "\nkeyfile " + own.key())
                .orElse("");
    }
}
