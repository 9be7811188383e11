package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Options;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Where the servers are, and who connects to them. Immutable and thread-safe; shows no secret. */
final class NatsServers {

    private static final String PREFIX = "io.nats.client.";

    private final String urls;
    private final @Nullable String user;
    private final @Nullable String password;
    private final Duration timeout;
    private final Map<String, String> properties;

    /**
     * @param urls with commas between them
     * @param properties the client's own, with or without {@code io.nats.client.}
     * @throws BidaException the client takes no such settings
     */
    NatsServers(
            String urls,
            @Nullable String user,
            @Nullable String password,
            Duration timeout,
            Map<String, String> properties) {
        this.urls = urls;
        this.user = user;
        this.password = password;
        this.timeout = timeout;
        this.properties = Map.copyOf(properties);
        options("bida", (connection, event) -> {}, new ErrorListener() {});
    }

    Duration timeout() {
        return timeout;
    }

    /** For one connection, which is not made again by the client, so that nothing waits in it for a better time. */
    Options options(String name, ConnectionListener connectionListener, ErrorListener errorListener) {
        Properties given = new Properties();
        properties.forEach((key, value) -> given.setProperty(key.startsWith(PREFIX) ? key : PREFIX + key, value));
        try {
            Options.Builder options = new Options.Builder()
                    .connectionName(name)
                    .pingInterval(timeout)
                    .dontForceFlushOnRequest()
                    .properties(given)
                    .servers(urls.split("\\s*,\\s*"))
                    .noReconnect()
                    .reconnectBufferSize(0)
                    .maxMessagesInOutgoingQueue(0)
                    .supportUTF8Subjects()
                    .reportNoResponders()
                    .connectionListener(connectionListener)
                    .errorListener(errorListener);
            if (user != null) {
                options.userInfo(user, password == null ? "" : password);
            }
            return options.build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new BidaException("the NATS client does not take the url or the properties.", e);
        }
    }
}
