package io.bida.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Redis server that has on its disk whatever it answered for, from the program {@code redis-server}. Thread-safe. */
public final class RedisServer extends BrokerServer {

    private static final String PASSWORD = "bida-secret";

    private final List<String> options;

    private RedisServer(boolean secure, List<String> options) {
        super("redis", secure);
        this.options = options;
    }

    /** @param options more of the server's own, such as {@code --maxmemory}, {@code 32mb} */
    public static RedisServer start(String... options) {
        return start(new RedisServer(false, List.of(options)));
    }

    /** One that takes TLS only. */
    public static RedisServer startSecure() {
        return start(new RedisServer(true, List.of()));
    }

    private static RedisServer start(RedisServer server) {
        server.open();
        return server;
    }

    /** Of the user {@code default}. */
    public String password() {
        return PASSWORD;
    }

    @Override
    public String type() {
        return "redis";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        String scheme = certificate().isPresent() ? "rediss://" : "redis://";
        return trusting(
                Map.of(
                        "url",
                        scheme + LOOPBACK + ":" + port(),
                        "password",
                        PASSWORD,
                        "stream",
                        channel,
                        "create",
                        true),
                own -> Map.of("truststore", own.trustStore().toString(), "truststorePassword", Certificate.PASSWORD));
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(List.of(program("redis-server", "redis-server"), "--bind", LOOPBACK));
        command.addAll(listening());
        command.addAll(List.of("--dir", folder().toString(), "--save", "", "--appendonly", "yes"));
        command.addAll(List.of("--appendfsync", "always", "--requirepass", PASSWORD, "--masterauth", PASSWORD));
        command.addAll(options);
        return command;
    }

    private List<String> listening() {
        String port = String.valueOf(port());
        return certificate()
                .map(own -> List.of(
                        "--port",
                        "0",
                        "--tls-port",
                        port,
                        "--tls-auth-clients",
                        "no",
                        "--tls-cert-file",
                        own.certificate().toString(),
                        "--tls-key-file",
                        own.key().toString()))
                .orElse(List.of("--port", port));
    }
}
