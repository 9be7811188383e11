package io.bida.console;

import io.bida.message.BidaException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Answers {@code /health/live} and {@code /health/ready} with 200 or 503, and {@code /metrics} in Prometheus's text
 * format. It tells no message and takes no order, so it may be bound beyond loopback without a credential. Thread-safe.
 */
final class Endpoint implements AutoCloseable {

    private static final int THREADS = 8;
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Server server;
    private final String bind;

    private Endpoint(Server server, String bind) {
        this.server = server;
        this.bind = bind;
    }

    /**
     * @param metrics as Prometheus reads them
     * @throws BidaException when the address cannot be had
     */
    static Endpoint start(
            RelayConfiguration.Console console, BooleanSupplier live, BooleanSupplier ready, Supplier<String> metrics) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("bida-endpoint");
        threads.setDaemon(true);
        Server server = new Server(threads);
        server.addConnector(connector(server, console));
        server.setHandler(new Answers(Map.of(
                "/health/live", () -> Reply.health(live.getAsBoolean()),
                "/health/ready", () -> Reply.health(ready.getAsBoolean()),
                "/metrics", () -> new Reply(HttpStatus.OK_200, PROMETHEUS, metrics.get()))));
        Endpoint endpoint = new Endpoint(server, console.bind());
        try {
            server.start();
        } catch (Exception e) {
            endpoint.close();
            throw new BidaException(refusal(console, e), e);
        }
        return endpoint;
    }

    /** Where it is reached: {@code http://127.0.0.1:8670}. */
    String address() {
        String host = bind.contains(":") ? "[" + bind + "]" : bind;
        return "http://" + host + ":" + ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new BidaException("The console did not stop: " + e.getMessage() + ".", e);
        }
    }

    private static ServerConnector connector(Server server, RelayConfiguration.Console console) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(console.bind());
        connector.setPort(console.port());
        return connector;
    }

    private static String refusal(RelayConfiguration.Console console, Exception e) {
        String address = console.bind() + ":" + console.port();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    && String.valueOf(cause.getMessage()).contains("in use")) {
                return "Port " + console.port() + " of " + console.bind()
                        + " is taken; choose another as console.port, or 0 for a free one.";
            }
            if (cause instanceof BindException) {
                return "The console cannot be bound to " + address + ": " + cause.getMessage() + ".";
            }
        }
        return "The console cannot be bound to " + address + "; is console.bind an address of this machine?";
    }

    private record Reply(int code, String type, String body) {

        static Reply health(boolean isUp) {
            return isUp ? status(HttpStatus.OK_200, "up") : status(HttpStatus.SERVICE_UNAVAILABLE_503, "down");
        }

        static Reply status(int code, String status) {
            return new Reply(code, "application/json", "{\"status\":\"" + status + "\"}");
        }
    }

    private static final class Answers extends Handler.Abstract {

        private final Map<String, Supplier<Reply>> pages;

        private Answers(Map<String, Supplier<Reply>> pages) {
            this.pages = pages;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Reply reply = reply(request);
            response.setStatus(reply.code());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.type());
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            response.write(true, ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)), callback);
            return true;
        }

        private Reply reply(Request request) {
            Supplier<Reply> page = pages.get(Request.getPathInContext(request));
            if (page == null) {
                return Reply.status(HttpStatus.NOT_FOUND_404, "not found");
            }
            return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod())
                    ? page.get()
                    : Reply.status(HttpStatus.METHOD_NOT_ALLOWED_405, "only GET");
        }
    }
}
