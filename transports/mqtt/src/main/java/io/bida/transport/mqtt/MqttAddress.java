package io.bida.transport.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import io.bida.message.BidaException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where an MQTT broker is and how it is entered. Immutable and thread-safe; its text has no secret.
 *
 * <p>The properties, for TLS: {@code truststore}, {@code truststorePassword}, {@code keystore}, {@code keystorePassword}.
 */
final class MqttAddress {

    private static final Set<String> PLAIN = Set.of("mqtt", "tcp");
    private static final Set<String> TLS = Set.of("mqtts", "ssl");
    private static final Set<String> PROPERTIES =
            Set.of("truststore", "truststorePassword", "keystore", "keystorePassword");

    private final String server;
    private final Duration timeout;
    private final MqttClientTransportConfig transport;
    private final @Nullable Mqtt5SimpleAuth auth;

    private MqttAddress(
            String server, Duration timeout, MqttClientTransportConfig transport, @Nullable Mqtt5SimpleAuth auth) {
        this.server = server;
        this.timeout = timeout;
        this.transport = transport;
        this.auth = auth;
    }

    /**
     * @param url {@code mqtt://host:port}, or {@code mqtts:} for TLS
     * @param setting the name of an option in errors
     */
    static MqttAddress of(
            String url,
            @Nullable String user,
            @Nullable String password,
            Duration timeout,
            Map<String, String> properties,
            UnaryOperator<String> setting) {
        URI uri = uri(url, setting.apply("url"));
        for (String name : properties.keySet()) {
            if (!PROPERTIES.contains(name)) {
                throw new BidaException(setting.apply("properties") + "." + name + " is not known.");
            }
        }
        boolean tls = TLS.contains(uri.getScheme());
        int port = uri.getPort() != -1 ? uri.getPort() : tls ? 8883 : 1883;
        long millis = Math.max(1, timeout.toMillis());
        var transport = MqttClientTransportConfig.builder()
                .serverHost(uri.getHost())
                .serverPort(port)
                .socketConnectTimeout(millis, TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(millis, TimeUnit.MILLISECONDS);
        if (tls) {
            transport = transport.sslConfig(tls(properties, setting.apply("properties")));
        }
        return new MqttAddress(
                uri.getHost() + ":" + port,
                timeout,
                transport.build(),
                auth(user, password, setting.apply("password")));
    }

    private static URI uri(String url, String setting) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && (PLAIN.contains(uri.getScheme()) || TLS.contains(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // It may hold a password, so nothing of it is told.
        }
        throw new BidaException(
                setting
                        + " is no URL such as mqtt://host:1883 or mqtts://host:8883; user and password are settings of their own.");
    }

    private static @Nullable Mqtt5SimpleAuth auth(@Nullable String user, @Nullable String password, String setting) {
        if (user == null) {
            if (password != null) {
                throw new BidaException(setting + " is given without a user, and MQTT would not send it.");
            }
            return null;
        }
        var auth = Mqtt5SimpleAuth.builder().username(user);
        return password == null
                ? auth.build()
                : auth.password(password.getBytes(UTF_8)).build();
    }

    private static MqttClientSslConfig tls(Map<String, String> properties, String setting) {
        var tls = MqttClientSslConfig.builder();
        try {
            String trusted = properties.get("truststore");
            if (trusted != null) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store(trusted, secret(properties, "truststorePassword")));
                tls = tls.trustManagerFactory(factory);
            }
            String own = properties.get("keystore");
            if (own != null) {
                char[] secret = secret(properties, "keystorePassword");
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store(own, secret), secret);
                tls = tls.keyManagerFactory(factory);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new BidaException(setting + ": the truststore or keystore cannot be read: " + e.getMessage(), e);
        }
        return tls.build();
    }

    private static KeyStore store(String file, char @Nullable [] secret) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, secret);
        }
        return store;
    }

    private static char @Nullable [] secret(Map<String, String> properties, String name) {
        String value = properties.get(name);
        return value == null ? null : value.toCharArray();
    }

    /** A client that has not connected yet. */
    Mqtt5ClientBuilder client() {
        Mqtt5ClientBuilder client = Mqtt5Client.builder().transportConfig(transport);
        return auth == null ? client : client.simpleAuth(auth);
    }

    /** Seconds after which a broker that says nothing is asked whether it is still there. */
    int keepAlive() {
        return (int) Math.max(1, Math.min(65_535, timeout.toSeconds()));
    }

    @Override
    public String toString() {
        return "mqtt at " + server;
    }
}
