package io.bida.transport.http;

import io.bida.message.BidaException;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import java.net.BindException;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes CloudEvents in binary mode over HTTP/1.1 and clear-text HTTP/2, gives each to an {@link Intake}, and answers
 * with a status: 200 handled or a duplicate, 422 rejected or a conflict, 503 again later, 500 the intake threw; before
 * that 400 a wrong envelope, 401 a wrong signature, 404, 405, 413 too long, 415 structured mode. Thread-safe.
 */
public final class HttpReceiver implements Receiver {

    private static final Logger log = LoggerFactory.getLogger(HttpReceiver.class);

    /** Every attribute at its longest takes 16 KiB encoded; the rest is for the message's own headers. */
    private static final int MAX_HEADER_BYTES = 64 * 1024;

    private final Server server;
    private final ServerConnector connector;

    private HttpReceiver(Builder options) {
        QueuedThreadPool threads = new QueuedThreadPool(options.threads);
        threads.setName("bida-http-receiver");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        connector = new ServerConnector(
                server, 1, 1, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
        connector.setHost(options.host);
        connector.setPort(options.port);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(
                new EventHandler(options.path, options.maxPayload, options.signature, options.clock, options.intake)));
        ErrorHandler errors = new ErrorHandler();
        errors.setShowStacks(false);
        errors.setShowCauses(false);
        server.setErrorHandler(errors);
        server.setStopTimeout(options.closeWithin.toMillis());
        start(options);
    }

    /** Begins a receiver that gives what arrives to an intake. */
    public static Builder to(Intake intake) {
        return new Builder(intake);
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            log.warn("http receiver: not everything was finished within {} ms", server.getStopTimeout(), e);
        }
    }

    private void start(Builder options) {
        try {
            server.start();
        } catch (Exception e) {
            close();
            boolean taken = e instanceof BindException || e.getCause() instanceof BindException;
            throw new BidaException(
                    taken
                            ? "Port " + options.port + " of " + options.host
                                    + " cannot be taken: another process listens on it, or the host is not this"
                                    + " machine's. Nothing is received."
                            : "The HTTP receiver on port " + options.port + " of " + options.host
                                    + " did not start. Nothing is received.",
                    e);
        }
    }

    /** Collects what a receiver needs. Not thread-safe. */
    public static final class Builder {

        private final Intake intake;
        private String host = "127.0.0.1";
        private int port;
        private String path = "/events";
        private int maxPayload = 16 * 1024 * 1024;
        private int threads = 64;
        private Duration closeWithin = Duration.ofSeconds(10);
        private @Nullable WebhookSignature signature;
        private InstantSource clock = InstantSource.system();

        private Builder(Intake intake) {
            this.intake = intake;
        }

        /** The address to listen on; loopback when not given. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** 0, the default, takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** {@code /events} when not given. */
        public Builder path(String path) {
            this.path = path;
            return this;
        }

        /** The longest payload in bytes; 16 MiB when not given. */
        public Builder maxPayload(int bytes) {
            this.maxPayload = bytes;
            return this;
        }

        /** Threads for the server and the intake together, at least 8; 64 when not given. */
        public Builder threads(int threads) {
            this.threads = Math.max(8, threads);
            return this;
        }

        /** How long {@link HttpReceiver#close} waits for what is under way; 10 s when not given. */
        public Builder closeWithin(Duration closeWithin) {
            this.closeWithin = closeWithin;
            return this;
        }

        /** Takes only requests signed with this key: {@code whsec_} and the key in Base64. */
        public Builder secret(String secret) {
            this.signature = WebhookSignature.of("The secret", secret);
            return this;
        }

        /** The time that signatures are compared with. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Starts to receive. */
        public HttpReceiver open() {
            return new HttpReceiver(this);
        }
    }
}
