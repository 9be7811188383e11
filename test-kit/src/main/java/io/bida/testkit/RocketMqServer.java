package io.bida.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A RocketMQ name server and broker in one process; topics are not created by sending to them. {@link #port()} is the name
 * server's. Thread-safe.
 *
 * <p>Clients are told the broker's address by the name server. For those that are to reach the broker through a {@link
 * FaultyProxy} there is a second name server at {@link #proxiedNameServer()}, which tells {@link #proxyPort()} instead of
 * {@link #brokerPort()}.
 */
public final class RocketMqServer extends BrokerServer {

    private static final String USER = "bida";
    private static final String PASSWORD = "bida-secret";

    private final int brokerPort = brokerPorts();
    private final int replicationPort = Ports.free();
    private final int proxiedNameServerPort = Ports.free();
    private final int proxyPort = Ports.free();

    private RocketMqServer() {
        super("rocketmq");
    }

    public static RocketMqServer start() {
        RocketMqServer server = new RocketMqServer();
        server.open();
        return server;
    }

    /** The access key. */
    public String user() {
        return USER;
    }

    /** The secret key. */
    public String password() {
        return PASSWORD;
    }

    /** Where the name server listens, as clients want to know it. */
    public String nameServer() {
        return LOOPBACK + ":" + port();
    }

    /** The name server of those who reach the broker at {@link #proxyPort()}. */
    public String proxiedNameServer() {
        return LOOPBACK + ":" + proxiedNameServerPort;
    }

    public int brokerPort() {
        return brokerPort;
    }

    /** Where a proxy in front of the broker must listen. */
    public int proxyPort() {
        return proxyPort;
    }

    /** It is opened when the broker takes messages. */
    @Override
    boolean answers(long pid) {
        return isListening(proxiedNameServerPort);
    }

    @Override
    public String type() {
        return "rocketmq";
    }

    @Override
    public Map<String, Object> settings(String channel) {
        return Map.of("url", nameServer(), "user", user(), "password", password(), "topic", channel, "create", true);
    }

    @Override
    List<String> command() {
        Path config = folder().resolve("broker.properties");
        try {
            Files.writeString(config, """
                    nameServerPort=%1$d
                    proxiedNameServerPort=%2$d
                    proxyPort=%3$d
                    namesrvAddr=127.0.0.1:%1$d
                    listenPort=%4$d
                    haListenPort=%5$d
                    bindAddress=127.0.0.1
                    brokerIP1=127.0.0.1
                    brokerName=broker-a
                    brokerClusterName=bida
                    autoCreateTopicEnable=false
                    waitTimeMillsInSendQueue=3000
                    flushDiskType=SYNC_FLUSH
                    storePathRootDir=%6$s/store
                    storePathCommitLog=%6$s/store/commitlog
                    mappedFileSizeCommitLog=16777216
                    mappedFileSizeConsumeQueue=200000
                    maxHashSlotNum=10000
                    maxIndexNum=40000
                    timerWheelEnable=false
                    diskMaxUsedSpaceRatio=95
                    authenticationEnabled=true
                    authenticationProvider=org.apache.rocketmq.auth.authentication.provider.DefaultAuthenticationProvider
                    authenticationMetadataProvider=org.apache.rocketmq.auth.authentication.provider.LocalAuthenticationMetadataProvider
                    initAuthenticationUser={"username":"%7$s","password":"%8$s"}
                    innerClientAuthenticationCredentials={"accessKey":"%7$s","secretKey":"%8$s"}
                    """.formatted(
                    port(), proxiedNameServerPort, proxyPort, brokerPort, replicationPort, folder(), USER, PASSWORD));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = java(
                "rocketmq",
                "io.bida.broker.rocketmq.Main",
                "-Xmx320m",
                // Its logs, its temporary files and what it keeps beside the store.
                "-Duser.home=" + folder(),
                "-Drocketmq.home.dir=" + folder(),
                "-Djava.io.tmpdir=" + folder(),
                // Else each start makes keys for certificates that nobody asks for.
                "-Dtls.server.mode=disabled",
                // A disk that others have filled is no reason to refuse what a test sends.
                "-Drocketmq.broker.diskSpaceWarningLevelRatio=0.99",
                "-Drocketmq.broker.diskSpaceCleanForciblyRatio=0.98");
        command.add(config.toString());
        return command;
    }

    /** The broker listens two ports below its own as well. */
    private static int brokerPorts() {
        int port;
        do {
            port = Ports.free();
        } while (isListening(port - 2));
        return port;
    }
}
