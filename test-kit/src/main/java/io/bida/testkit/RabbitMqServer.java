package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A RabbitMQ node with its own name, its own port mapper and nothing of the node that a package may have installed; from the
 * program {@code rabbitmq-server}. Messages of more than {@value #MAX_MESSAGE} bytes it does not take. Thread-safe.
 */
public final class RabbitMqServer extends BrokerServer {

    /** The most bytes of a payload. */
    public static final int MAX_MESSAGE = 4 << 20;

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";
    private static final String READER = "reader";
    private static final String DEBIAN_PACKAGE = "rabbitmq-server";

    /** The port mapper in the foreground beside the node, so that both end with the shell, and the shell with the node. */
    private static final String SHELL = """
            "$1" & mapper=$!
            "$2" & node=$!
            trap 'kill $node; wait $node; kill $mapper; exit 0' TERM
            wait $node
            kill $mapper
            """;

    private final int mapperPort = Ports.free();
    private final int distributionPort = Ports.free();

    private RabbitMqServer(boolean secure) {
        super("rabbitmq", secure);
    }

    public static RabbitMqServer start() {
        return start(false);
    }

    /** One that takes TLS only. */
    public static RabbitMqServer startSecure() {
        return start(true);
    }

    private static RabbitMqServer start(boolean secure) {
        RabbitMqServer server = new RabbitMqServer(secure);
        server.open();
        return server;
    }

    /** Without user and password. */
    public String url() {
        return (certificate().isPresent() ? "amqps://" : "amqp://") + LOOPBACK + ":" + port();
    }

    /** May do everything. */
    public String user() {
        return USER;
    }

    /** Of both users. */
    public String password() {
        return PASSWORD;
    }

    /** A user who may read and not write. */
    public String reader() {
        return READER;
    }

    /** Runs {@code rabbitmqctl} to its end; slow, as it starts a virtual machine. */
    public void control(String... arguments) {
        List<String> command = new ArrayList<>(environment());
        command.add(scripts().resolve("rabbitmqctl").toString());
        command.addAll(List.of(arguments));
        ServerProcess.run(command, Folders.create(folder().resolve("control")), ProcessBuilder.Redirect.PIPE);
    }

    @Override
    public String type() {
        return "rabbitmq";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        return trusting(
                Map.of("url", url(), "user", user(), "password", password(), "queue", channel, "create", true),
                own -> Map.of(
                        "ssl.trust.store",
                        own.trustStore().toString(),
                        "ssl.trust.store.password",
                        Certificate.PASSWORD));
    }

    @Override
    List<String> command() {
        writeConfiguration();
        List<String> command = new ArrayList<>(environment());
        command.addAll(List.of("sh", "-c", SHELL, "rabbitmq"));
        command.add(program("epmd", "erlang-base"));
        command.add(scripts().resolve("rabbitmq-server").toString());
        return command;
    }

    private void writeConfiguration() {
        try {
            Files.writeString(folder().resolve("rabbitmq.conf"), """
                    %s
                    max_message_size = %d
                    load_definitions = %s
                    log.file = false
                    log.console = true
                    log.console.level = warning
                    """.formatted(
                            listener(), MAX_MESSAGE, folder().resolve("definitions.json")));
            Files.writeString(folder().resolve("definitions.json"), """
                    {
                      "vhosts": [{"name": "/"}],
                      "users": [
                        {"name": "%1$s", "password": "%3$s", "tags": "administrator"},
                        {"name": "%2$s", "password": "%3$s", "tags": ""}
                      ],
                      "permissions": [
                        {"user": "%1$s", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
                        {"user": "%2$s", "vhost": "/", "configure": "", "write": "", "read": ".*"}
                      ]
                    }
                    """.formatted(USER, READER, PASSWORD));
            Files.writeString(folder().resolve("plugins"), "[].\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String listener() {
        String address = LOOPBACK + ":" + port();
        return certificate()
                .map(own -> """
                        listeners.tcp = none
                        listeners.ssl.1 = %s
                        ssl_options.cacertfile = %s
                        ssl_options.certfile = %s
                        ssl_options.keyfile = %s
                        ssl_options.verify = verify_none""".formatted(address, own.certificate(), own.certificate(), own.key()))
                .orElse("listeners.tcp.1 = " + address);
    }

    private List<String> environment() {
        return List.of(
                "env",
                "HOME=" + folder(), // for the cookie
                "ERL_EPMD_ADDRESS=" + LOOPBACK,
                "ERL_EPMD_PORT=" + mapperPort,
                "RABBITMQ_NODENAME=bida" + port() + "@localhost",
                "RABBITMQ_DIST_PORT=" + distributionPort,
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
                "RABBITMQ_CONF_ENV_FILE=/dev/null",
                "RABBITMQ_CONFIG_FILE=" + folder().resolve("rabbitmq.conf"),
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder().resolve("plugins"),
                "RABBITMQ_MNESIA_BASE=" + folder().resolve("data"),
                "RABBITMQ_LOG_BASE=" + folder().resolve("log"),
                "RABBITMQ_PID_FILE=" + folder().resolve("pid"),
                // The script becomes the node instead of watching over it.
                "RUNNING_UNDER_SYSTEMD=true");
    }

    /** Debian's programs on the path are for the one node of its package; behind them are RabbitMQ's own. */
    private static Path scripts() {
        Path packaged = Path.of("/usr/lib/rabbitmq/lib");
        if (!Files.isDirectory(packaged)) {
            return Path.of(program("rabbitmq-server", DEBIAN_PACKAGE))
                    .toAbsolutePath()
                    .resolveSibling("");
        }
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(packaged, "rabbitmq_server-*")) {
            for (Path version : versions) {
                return version.resolve("sbin");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new BidaException("There is no RabbitMQ in " + packaged + ".");
    }
}
