package io.bida.broker.rocketmq;

import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Executors;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.BrokerStartup;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.namesrv.processor.ClientRequestProcessor;
import org.apache.rocketmq.remoting.netty.NettyRemotingServer;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;

/**
 * Runs a name server and a broker until the process is ended. The argument is the broker's own configuration file, with three
 * settings more: {@code nameServerPort}; and, for clients that are to reach the broker through a proxy, {@code
 * proxiedNameServerPort}, where the routes name {@code proxyPort} as the broker's. That one is opened last, when all is
 * ready.
 */
public final class Main {

    private static final String LOOPBACK = "127.0.0.1";

    private Main() {}

    public static void main(String[] args) throws Exception {
        // Before the first request is made: servers of an unknown version are told no topic.
        System.setProperty(RemotingCommand.REMOTING_VERSION_KEY, String.valueOf(MQVersion.CURRENT_VERSION));
        Path file = Path.of(args[0]);
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            settings.load(reader);
        }
        NamesrvController nameServer = nameServer(port(settings, "nameServerPort"));
        BrokerController broker =
                BrokerStartup.buildBrokerController(BrokerStartup.configFileToConfigContext(file.toString()));
        if (!broker.initialize()) {
            System.err.println("The broker could not be initialized; its log tells why.");
            System.exit(1);
        }
        broker.start();
        awaitRoute(nameServer, broker);
        proxiedNameServer(
                port(settings, "proxiedNameServerPort"),
                new ClientRequestProcessor(nameServer),
                LOOPBACK + ":" + port(settings, "listenPort"),
                LOOPBACK + ":" + port(settings, "proxyPort"));
        Runtime.getRuntime().addShutdownHook(new Thread(broker::shutdown, "end-of-broker"));
    }

    /** The broker makes itself known when it starts, and when that did not succeed, half a minute later. */
    private static void awaitRoute(NamesrvController nameServer, BrokerController broker) throws InterruptedException {
        while (nameServer.getRouteInfoManager().pickupTopicRouteData(TopicValidator.RMQ_SYS_SELF_TEST_TOPIC) == null) {
            Thread.sleep(100);
            broker.registerBrokerAll(true, false, true);
        }
    }

    private static NamesrvController nameServer(int port) throws Exception {
        NamesrvController nameServer = new NamesrvController(new NamesrvConfig(), listeningOn(port));
        nameServer.initialize();
        nameServer.start();
        return nameServer;
    }

    /** Answers with the name server's routes, in which the broker has another address. */
    private static void proxiedNameServer(int port, ClientRequestProcessor routes, String broker, String proxy) {
        NettyRemotingServer server = new NettyRemotingServer(listeningOn(port));
        RouteProcessor processor = new RouteProcessor(routes, broker, proxy);
        server.registerProcessor(RequestCode.GET_ROUTEINFO_BY_TOPIC, processor, Executors.newSingleThreadExecutor());
        server.start();
    }

    private static NettyServerConfig listeningOn(int port) {
        NettyServerConfig config = new NettyServerConfig();
        config.setBindAddress(LOOPBACK);
        config.setListenPort(port);
        return config;
    }

    private static int port(Properties settings, String name) {
        return Integer.parseInt(settings.getProperty(name));
    }
}
