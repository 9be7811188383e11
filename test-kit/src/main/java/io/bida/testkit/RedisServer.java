package io.bida.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Redis server that has on its disk whatever it answered for, from the program {@code redis-server}. Thread-safe. */
public final class RedisServer extends BrokerServer {

    private static final String PASSWORD = "bida-secret";

    private final List<String> options;

    private RedisServer(List<String> options) {
        super("redis");
        this.options = options;
    }

    /** @param options more of the server's own, such as {@code --maxmemory}, {@code 32mb} */
    public static RedisServer start(String... options) {
        RedisServer server = new RedisServer(List.of(options));
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
        return Map.of(
                "url", "redis://" + LOOPBACK + ":" + port(), "password", PASSWORD, "stream", channel, "create", true);
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(
                List.of(program("redis-server", "redis-server"), "--bind", LOOPBACK, "--port", String.valueOf(port())));
        command.addAll(List.of("--dir", folder().toString(), "--save", "", "--appendonly", "yes"));
        command.addAll(List.of("--appendfsync", "always", "--requirepass", PASSWORD, "--masterauth", PASSWORD));
        command.addAll(options);
        return command;
    }
}
