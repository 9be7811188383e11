package io.bida.transport.redis;

import io.bida.message.BidaException;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Where a Redis server is and how it is entered. Immutable and thread-safe; its text has no secret.
 *
 * <p>The properties are Jedis's own: {@code clientName}, and for TLS {@code truststore}, {@code truststorePassword}, {@code
 * trustStoreType}, {@code keystore}, {@code keystorePassword}, {@code keyStoreType}.
 */
record RedisAddress(HostAndPort server, JedisClientConfig config) {

    private static final int PORT = 6379;

    /**
     * @param url {@code redis://host:port/database}, or {@code rediss:} for TLS
     * @param user null: the one of the URL, else the server's default user
     * @param setting the name of an option in errors
     */
    static RedisAddress of(
            String url,
            @Nullable String user,
            @Nullable String password,
            Duration timeout,
            Map<String, String> properties,
            UnaryOperator<String> setting) {
        URI uri = uri(url, setting.apply("url"));
        int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .resp2()
                .timeoutMillis(millis)
                .user(user == null ? JedisURIHelper.getUser(uri) : user)
                .password(password == null ? JedisURIHelper.getPassword(uri) : password)
                .database(database(uri, setting.apply("url")));
        SslOptions.Builder tls = SslOptions.builder();
        properties.forEach((name, value) -> {
            switch (name) {
                case "clientName" -> config.clientName(value);
                case "truststore" ->
                    tls.truststore(file(name, value, setting), secret(properties, "truststorePassword"));
                case "trustStoreType" -> tls.trustStoreType(value);
                case "keystore" -> tls.keystore(file(name, value, setting), secret(properties, "keystorePassword"));
                case "keyStoreType" -> tls.keyStoreType(value);
                case "truststorePassword", "keystorePassword" -> {}
                default -> throw new BidaException(setting.apply("properties") + "." + name + " is not known.");
            }
        });
        if (JedisURIHelper.isRedisSSLScheme(uri)) {
            config.sslOptions(tls.build());
        }
        int port = uri.getPort() == -1 ? PORT : uri.getPort();
        return new RedisAddress(new HostAndPort(uri.getHost(), port), config.build());
    }

    private static URI uri(String url, String setting) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null && (JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // It may hold a password, so nothing of it is told.
        }
        throw new BidaException(setting + " is no URL such as redis://host:6379 or rediss://host:6379.");
    }

    private static int database(URI uri, String setting) {
        try {
            return JedisURIHelper.getDBIndex(uri);
        } catch (NumberFormatException e) {
            throw new BidaException(setting + ": after the port stands the number of a database, or nothing.", e);
        }
    }

    private static File file(String property, String path, UnaryOperator<String> setting) {
        File file = new File(path);
        if (!file.isFile()) {
            throw new BidaException(
                    setting.apply("properties") + "." + property + ": there is no file '" + path + "'.");
        }
        return file;
    }

    private static char @Nullable [] secret(Map<String, String> properties, String name) {
        String value = properties.get(name);
        return value == null ? null : value.toCharArray();
    }

    /** Opens a connection and enters; a {@link redis.clients.jedis.exceptions.JedisException} when that fails. */
    OneConnection connect() {
        return new OneConnection(server, config);
    }

    @Override
    public String toString() {
        return "redis at " + server;
    }
}
