package io.bida.transport.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ConnectionFactoryConfigurator;
import com.rabbitmq.client.ExceptionHandler;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import io.bida.message.BidaException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a broker is and who to be there. Its errors begin with the name of the option. Immutable and thread-safe. */
final class BrokerAddress {

    private static final Set<String> PROPERTIES = Set.of(
            ConnectionFactoryConfigurator.VIRTUAL_HOST,
            ConnectionFactoryConfigurator.CONNECTION_CHANNEL_MAX,
            ConnectionFactoryConfigurator.CONNECTION_FRAME_MAX,
            ConnectionFactoryConfigurator.CONNECTION_HEARTBEAT,
            ConnectionFactoryConfigurator.CONNECTION_TIMEOUT,
            ConnectionFactoryConfigurator.HANDSHAKE_TIMEOUT,
            ConnectionFactoryConfigurator.SHUTDOWN_TIMEOUT,
            ConnectionFactoryConfigurator.CHANNEL_RPC_TIMEOUT);

    /** A peer that is gone is noticed after twice this. */
    private static final int HEARTBEAT_SECONDS = 10;

    private static final String EXAMPLE = "such as amqp://127.0.0.1:5672 or amqps://rabbit.example/orders";

    /** Whoever uses the connection tells of its end. */
    private static final ExceptionHandler QUIET = new DefaultExceptionHandler() {
        @Override
        public void handleUnexpectedConnectionDriverException(Connection connection, Throwable failure) {
            // told elsewhere
        }
    };

    private final List<Address> addresses;
    private final ConnectionFactory factory;

    private BrokerAddress(List<Address> addresses, ConnectionFactory factory) {
        this.addresses = addresses;
        this.factory = factory;
    }

    /**
     * @param urls one, or those of a cluster's nodes parted by commas; scheme and virtual host are the first one's
     * @param properties what {@link ConnectionFactoryConfigurator} knows, without its prefix
     */
    static BrokerAddress of(
            String urls,
            @Nullable String user,
            @Nullable String password,
            Map<String, String> properties,
            Duration timeout) {
        List<URI> nodes = new ArrayList<>();
        for (String url : urls.split(",", -1)) {
            nodes.add(node(url.strip()));
        }
        URI first = nodes.get(0);
        boolean tls = first.getScheme().equals("amqps");
        int usual = tls ? ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT : ConnectionFactory.DEFAULT_AMQP_PORT;
        ConnectionFactory factory = factory(timeout);
        if (first.getPath().length() > 1) {
            factory.setVirtualHost(first.getPath().substring(1));
        }
        if (!tls) {
            factory.setSocketFactory(new CorkedSockets());
        }
        configure(factory, tls, properties);
        if (user != null) {
            factory.setUsername(user);
        }
        if (password != null) {
            factory.setPassword(password);
        }
        return new BrokerAddress(
                nodes.stream()
                        .map(node -> new Address(node.getHost(), node.getPort() < 0 ? usual : node.getPort()))
                        .toList(),
                factory);
    }

    /** Hosts and ports, for reasons and logs. */
    String shown() {
        return addresses.stream()
                .map(each -> each.getHost() + ":" + each.getPort())
                .collect(Collectors.joining(","));
    }

    /** @param name what the broker's operators see */
    Link open(String name) throws IOException, TimeoutException {
        ConnectionFactory single = factory.clone();
        List<Socket> tried = new ArrayList<>();
        single.setSocketConfigurator(factory.getSocketConfigurator().andThen(tried::add));
        Connection connection = single.newConnection(addresses, name);
        return new Link(connection, tried.get(tried.size() - 1));
    }

    private static ConnectionFactory factory(Duration timeout) {
        int millis = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setConnectionTimeout(millis);
        factory.setHandshakeTimeout(millis);
        factory.setChannelRpcTimeout(millis);
        factory.setMaxInboundMessageBodySize(Integer.MAX_VALUE);
        factory.setExceptionHandler(QUIET);
        factory.setThreadFactory(work -> {
            Thread thread = new Thread(work, "bida-rabbitmq");
            thread.setDaemon(true);
            return thread;
        });
        return factory;
    }

    private static URI node(String url) {
        URI node;
        try {
            node = new URI(url);
        } catch (URISyntaxException e) {
            throw new BidaException("url is no AMQP URL, " + EXAMPLE + ".");
        }
        if (node.getHost() == null || !Set.of("amqp", "amqps").contains(node.getScheme())) {
            throw new BidaException("url is no AMQP URL with a host, " + EXAMPLE + ".");
        }
        if (node.getUserInfo() != null) {
            throw new BidaException("url of " + node.getHost()
                    + " names a user; give user and password as options of their own, where no log shows them.");
        }
        return node;
    }

    private static void configure(ConnectionFactory factory, boolean tls, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>();
        if (tls) {
            // The client itself would trust everybody.
            all.put(ConnectionFactoryConfigurator.SSL_ENABLED, "true");
            all.put(ConnectionFactoryConfigurator.SSL_VALIDATE_SERVER_CERTIFICATE, "true");
            all.put(ConnectionFactoryConfigurator.SSL_VERIFY_HOSTNAME, "true");
        }
        properties.forEach((name, value) -> {
            if (!PROPERTIES.contains(name)
                    && !name.startsWith("ssl.")
                    && !name.startsWith(ConnectionFactoryConfigurator.CLIENT_PROPERTIES_PREFIX)) {
                throw new BidaException("properties: '" + name + "' is not among those that are passed on: ssl.*, "
                        + ConnectionFactoryConfigurator.CLIENT_PROPERTIES_PREFIX + "* and "
                        + PROPERTIES.stream().sorted().collect(Collectors.joining(", ")) + ".");
            }
            all.put(name, value);
        });
        try {
            ConnectionFactoryConfigurator.load(factory, all, "");
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new BidaException("properties: the client does not take them: " + e.getMessage(), e);
        }
    }
}
