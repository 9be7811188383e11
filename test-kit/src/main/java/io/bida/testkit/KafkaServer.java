package io.bida.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A Kafka broker that is its own controller, without replicas, from the jars of {@code brokers/kafka}. Topics are not
 * created by being named; whom no rule forbids anything may do everything. Thread-safe.
 *
 * <p>Clients go where a broker says that it is. So the broker has a listener for each way to it: {@link #bootstrap()}
 * straight, {@link #bootstrapThroughProxy()}, and {@link #bootstrapWithPassword()}.
 */
public final class KafkaServer extends BrokerServer {

    /** The largest record, with its headers, in bytes. */
    public static final int MAX_MESSAGE = 8 << 20;

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";

    private final int controllerPort = Ports.free();
    private final int passwordPort = Ports.free();
    private final int proxiedPort = Ports.free();
    private final FaultyProxy proxy = FaultyProxy.to(LOOPBACK, proxiedPort);

    private KafkaServer(boolean secure) {
        super("kafka", secure);
    }

    public static KafkaServer start() {
        return start(false);
    }

    /** One whose straight way is TLS. */
    public static KafkaServer startSecure() {
        return start(true);
    }

    private static KafkaServer start(boolean secure) {
        KafkaServer server = new KafkaServer(secure);
        server.open();
        return server;
    }

    /** The {@code bootstrap.servers} of the straight way. */
    public String bootstrap() {
        return LOOPBACK + ":" + port();
    }

    /** The {@code bootstrap.servers} of the way through {@link #proxy()}; what comes this way stays on it. */
    public String bootstrapThroughProxy() {
        return LOOPBACK + ":" + proxy.port();
    }

    /** The {@code bootstrap.servers} for {@code SASL_PLAINTEXT} with {@code PLAIN}. */
    public String bootstrapWithPassword() {
        return LOOPBACK + ":" + passwordPort;
    }

    /** In front of a listener of its own; closed with this server. */
    public FaultyProxy proxy() {
        return proxy;
    }

    public String user() {
        return USER;
    }

    public String password() {
        return PASSWORD;
    }

    @Override
    public String type() {
        return "kafka";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        return trusting(
                Map.of("properties", Map.of("bootstrap.servers", bootstrap()), "topic", channel, "create", true),
                own -> Map.of(
                        "bootstrap.servers",
                        bootstrap(),
                        "security.protocol",
                        "SSL",
                        "ssl.truststore.location",
                        own.trustStore().toString(),
                        "ssl.truststore.password",
                        Certificate.PASSWORD));
    }

    @Override
    List<String> command() {
        Path config = folder().resolve("server.properties");
        try {
            Files.writeString(config, properties());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = java(
                "kafka",
                "io.bida.broker.kafka.KafkaMain",
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Djava.io.tmpdir=" + folder());
        command.add(config.toString());
        return command;
    }

    @Override
    void end(ServerProcess server) {
        proxy.close();
        super.end(server);
    }

    /** A broker that comes back after a crash is let in when its former session has ended, 9 s later by default. */
    private String properties() {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@%1$s:%2$d
                controller.listener.names=CONTROLLER
                listeners=CONTROLLER://%1$s:%2$d,PLAIN://%1$s:%3$d,PROXIED://%1$s:%4$d,PASSWORD://%1$s:%5$d
                advertised.listeners=PLAIN://%1$s:%3$d,PROXIED://%1$s:%6$d,PASSWORD://%1$s:%5$d
                listener.security.protocol.map=\
                CONTROLLER:PLAINTEXT,PLAIN:%11$s,PROXIED:PLAINTEXT,PASSWORD:SASL_PLAINTEXT
                inter.broker.listener.name=PLAIN
                sasl.enabled.mechanisms=PLAIN
                listener.name.password.plain.sasl.jaas.config=\
                org.apache.kafka.common.security.plain.PlainLoginModule required user_%7$s="%8$s";
                log.dirs=%9$s
                message.max.bytes=%10$d
                replica.fetch.max.bytes=%10$d
                broker.session.timeout.ms=2000
                broker.heartbeat.interval.ms=500
                auto.create.topics.enable=false
                authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
                allow.everyone.if.no.acl.found=true
                default.replication.factor=1
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=4
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=4
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                log.cleaner.dedupe.buffer.size=4194304
                """.formatted(
                                LOOPBACK,
                                controllerPort,
                                port(),
                                proxiedPort,
                                passwordPort,
                                proxy.port(),
                                USER,
                                PASSWORD,
                                folder().resolve("data"),
                                MAX_MESSAGE,
                                certificate().isPresent() ? "SSL" : "PLAINTEXT")
                + certificate().map(KafkaServer::tls).orElse("");
    }

    private static String tls(Certificate own) {
        return """
                ssl.keystore.location=%1$s
                ssl.keystore.password=%3$s
                ssl.key.password=%3$s
                ssl.truststore.location=%2$s
                ssl.truststore.password=%3$s
                """.formatted(own.keyStore(), own.trustStore(), Certificate.PASSWORD);
    }
}
