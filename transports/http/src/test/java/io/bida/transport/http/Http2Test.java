package io.bida.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS, against a server that offers HTTP/2. */
@Timeout(60)
class Http2Test {

    private final Set<String> protocols = ConcurrentHashMap.newKeySet();
    private final Set<String> connections = ConcurrentHashMap.newKeySet();
    private final Queue<Callback> hanging = new ConcurrentLinkedQueue<>();
    private final Server server = new Server();

    @TempDir
    private Path folder;

    private SSLContext tls;
    private ServerConnector connector;

    @BeforeEach
    void start() throws Exception {
        tls = selfSigned();
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls);
        HttpConfiguration http = new HttpConfiguration();
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        connector = new ServerConnector(
                server,
                new SslConnectionFactory(ssl, alpn.getProtocol()),
                alpn,
                new HTTP2ServerConnectionFactory(http),
                new HttpConnectionFactory(http));
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                protocols.add(request.getConnectionMetaData().getProtocol());
                connections.add(request.getConnectionMetaData().getId());
                if ("hang".equals(request.getHeaders().get("ce-bizid"))) {
                    hanging.add(callback);
                } else {
                    Content.Source.consumeAll(request, callback);
                }
                return true;
            }
        });
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        hanging.forEach(Callback::succeeded);
        server.stop();
    }

    @Test
    void messagesShareConnectionsWhereHttp2IsOffered() {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            messages.add(message("b" + i));
        }
        try (HttpSender sender = sender(Duration.ofSeconds(10))) {
            assertThat(Sending.receipt(sender, message("first"))).isEqualTo(new Receipt.Accepted("HTTP 200"));
            assertThat(sender.send(messages))
                    .allSatisfy(stage -> assertThat(Sending.await(stage)).isEqualTo(new Receipt.Accepted("HTTP 200")));
        }
        assertThat(protocols).containsExactly("HTTP/2.0");
        assertThat(connections).hasSizeLessThan(8);
    }

    @Test
    void aMessageThatTimesOutDoesNotBreakTheOthersOfItsConnection() {
        try (HttpSender sender = sender(Duration.ofSeconds(1))) {
            assertThat(Sending.receipt(sender, message("first"))).isEqualTo(new Receipt.Accepted("HTTP 200"));
            CompletionStage<Receipt> hung =
                    sender.send(List.of(message("hang"))).get(0);
            int others = 0;
            while (!hung.toCompletableFuture().isDone()) {
                assertThat(Sending.receipt(sender, message("b" + others++)))
                        .isEqualTo(new Receipt.Accepted("HTTP 200"));
            }
            assertThat(Sending.await(hung)).isInstanceOf(Receipt.Unknown.class);
            for (int i = 0; i < 100; i++) {
                assertThat(Sending.receipt(sender, message("c" + i))).isEqualTo(new Receipt.Accepted("HTTP 200"));
            }
        }
        assertThat(connections).hasSize(1);
    }

    @Test
    void aCertificateThatNobodyTrustsIsAFailure() {
        try (HttpSender sender = HttpSender.to(url()).open()) {
            assertThat(Sending.receipt(sender, message("b"))).isInstanceOf(Receipt.Failed.class);
        }
        assertThat(protocols).isEmpty();
    }

    private HttpSender sender(Duration timeout) {
        return HttpSender.to(url()).tls(tls).timeout(timeout).open();
    }

    private URI url() {
        return URI.create("https://localhost:" + connector.getLocalPort() + "/events");
    }

    private static Message message(String bizId) {
        return Message.to("t").type("T").bizId(bizId).payload("{}").build();
    }

    private SSLContext selfSigned() throws Exception {
        Path file = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit",
                        "-storetype",
                        "PKCS12",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(keys, "changeit".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
