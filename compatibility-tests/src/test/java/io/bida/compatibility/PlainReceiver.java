package io.bida.compatibility;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An HTTP receiver written without Bida: the JDK's server, and a list of what came. */
final class PlainReceiver implements AutoCloseable {

    /** @param headers by lower-case name, several values joined by a comma */
    record Arrival(Instant at, String method, String path, Map<String, String> headers, ByteBuffer body) {

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    record Reply(int status, Map<String, String> headers) {

        static final Reply OK = new Reply(200, Map.of());
    }

    final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
    volatile Function<Arrival, Reply> answer = arrival -> Reply.OK;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    PlainReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::receive);
        server.start();
    }

    /** A configuration's transport that comes here. */
    String transport() {
        return "transports: { web: { type: http, url: \"http://127.0.0.1:"
                + server.getAddress().getPort() + "/events\" } }\n";
    }

    List<String> bizIds() {
        return arrivals.stream().map(arrival -> arrival.header("ce-bizid")).toList();
    }

    private void receive(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
        Arrival arrival = new Arrival(
                Instant.now(),
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                headers,
                ByteBuffer.wrap(exchange.getRequestBody().readAllBytes()));
        arrivals.add(arrival);
        Reply reply = answer.apply(arrival);
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(reply.status(), -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
