package io.bida.console;

import io.bida.message.BidaException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BooleanSupplier;
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
 * Answers {@code /health/live} and {@code /health/ready} with 200 or 503. It tells nothing else, so it may be bound
 * beyond loopback without a credential. Thread-safe.
 */
final class HealthEndpoint implements AutoCloseable {

    private static final int THREADS = 8;

    private final Server server;
    private final String bind;

    private HealthEndpoint(Server server, String bind) {
        this.server = server;
        this.bind = bind;
    }

    /** @throws BidaException when the address cannot be had */
    static HealthEndpoint start(RelayConfiguration.Console console, BooleanSupplier live, BooleanSupplier ready) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("bida-health");
        threads.setDaemon(true);
        Server server = new Server(threads);
        server.addConnector(connector(server, console));
        server.setHandler(new Answers(Map.of("/health/live", live, "/health/ready", ready)));
        HealthEndpoint endpoint = new HealthEndpoint(server, console.bind());
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
            throw new BidaException("The health endpoint did not stop: " + e.getMessage() + ".", e);
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

    private static final class Answers extends Handler.Abstract {

        private final Map<String, BooleanSupplier> questions;

        private Answers(Map<String, BooleanSupplier> questions) {
            this.questions = questions;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            BooleanSupplier question = questions.get(Request.getPathInContext(request));
            if (question == null) {
                answer(response, callback, HttpStatus.NOT_FOUND_404, "not found");
            } else if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
                answer(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, "only GET");
            } else if (question.getAsBoolean()) {
                answer(response, callback, HttpStatus.OK_200, "up");
            } else {
                answer(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, "down");
            }
            return true;
        }

        private static void answer(Response response, Callback callback, int code, String status) {
            byte[] body = ("{\"status\":\"" + status + "\"}").getBytes(StandardCharsets.UTF_8);
            response.setStatus(code);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            response.write(true, ByteBuffer.wrap(body), callback);
        }
    }
}
