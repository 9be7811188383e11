package io.bida.transport.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.DefaultThreadFactory;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncClientEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts messages to one URL as CloudEvents in binary mode. Thread-safe.
 *
 * <ol>
 *   <li>{@link #send} queues the messages and returns.
 *   <li>At most {@code connections} exchanges run at once: over HTTP/1.1 each on a pooled connection of its own, over
 *       HTTP/2 (where TLS negotiates it) as streams of shared ones. The others wait their turn.
 *   <li>An exchange has {@code timeout} from its own start to the last byte of the answer. Where no request was sent by
 *       then the message has failed, else its fate is unknown. Its HTTP/1.1 connection is not used again; a shared one
 *       of HTTP/2 is, unless the destination answered nothing at all meanwhile.
 *   <li>When an exchange ends so and the destination answered nothing at all meanwhile, everything that waits fails
 *       unsent: nobody waits longer than a silent destination's time-out.
 * </ol>
 */
public final class HttpSender implements Sender {

    private static final Logger log = LoggerFactory.getLogger(HttpSender.class);

    private static final String DEFAULT_SOURCE = "bida";

    private record Delivery(Message message, CompletableFuture<Receipt> receipt) {}

    private final String destination;
    private final HttpHost host;
    private final String path;
    private final Duration timeout;
    private final Map<String, String> fixedHeaders;
    private final @Nullable WebhookSignature signature;
    private final InstantSource clock;
    private final StatusReceipts receipts;
    private final MinimalHttpAsyncClient client;

    /** Resolves names and opens connections, which may block. */
    private final ExecutorService starter;

    private final ScheduledThreadPoolExecutor timer;

    private final Queue<Delivery> waiting = new ConcurrentLinkedQueue<>();
    private final Map<HttpExchange, Delivery> running = new ConcurrentHashMap<>();
    private final AtomicInteger free;
    private volatile long lastAnswer = System.nanoTime();
    private volatile boolean closed;

    private HttpSender(HttpTarget target, Builder options) {
        this.destination = target.shown();
        this.host = target.host();
        this.path = target.path();
        this.timeout = options.timeout;
        this.fixedHeaders = options.headers;
        this.signature = options.signature;
        this.clock = options.clock;
        this.receipts = new StatusReceipts(destination, clock);
        this.free = new AtomicInteger(options.connections);
        this.client = HttpConnections.open(timeout, options.connections, options.tls);
        ThreadFactory threads = new DefaultThreadFactory("bida-http-" + destination, true);
        this.starter = Executors.newSingleThreadExecutor(threads);
        this.timer = new ScheduledThreadPoolExecutor(1, threads);
        this.timer.setRemoveOnCancelPolicy(true);
    }

    /** Begins a sender to an {@code http} or {@code https} URL. */
    public static Builder to(URI url) {
        return new Builder(url);
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages =
                messages.stream().map(this::enqueued).toList();
        startWaiting();
        if (closed) {
            failWaiting("the sender is closed");
        }
        return stages;
    }

    @Override
    public void close() {
        closed = true;
        failWaiting("the sender was closed");
        running.keySet().forEach(HttpExchange::abandon);
        starter.shutdownNow();
        timer.shutdownNow();
        HttpConnections.close(client);
    }

    private CompletionStage<Receipt> enqueued(Message message) {
        Delivery delivery = new Delivery(message, new CompletableFuture<>());
        waiting.add(delivery);
        return delivery.receipt();
    }

    private void startWaiting() {
        try {
            starter.execute(() -> {
                while (!waiting.isEmpty() && free.get() > 0) {
                    Delivery next = waiting.poll();
                    if (next != null) {
                        start(next);
                    }
                }
            });
        } catch (RejectedExecutionException e) {
            failWaiting("the sender is closed");
        }
    }

    private void start(Delivery delivery) {
        free.decrementAndGet();
        HttpExchange exchange;
        try {
            exchange = exchange(delivery.message());
        } catch (RuntimeException e) {
            log.warn(
                    "{}: message {} made no request",
                    destination,
                    delivery.message().id(),
                    e);
            settle(delivery, new Receipt.Failed("The message made no request to " + destination + ": " + e));
            return;
        }
        running.put(exchange, delivery);
        exchange.receipt()
                .thenAccept(receipt -> {
                    running.remove(exchange);
                    settle(delivery, receipt);
                })
                .exceptionally(this::logged);
        run(exchange);
    }

    private void run(HttpExchange exchange) {
        if (closed) {
            exchange.abandon();
            return;
        }
        try {
            long started = System.nanoTime();
            Future<?> deadline = timer.schedule(() -> expire(exchange, started), timeout.toNanos(), NANOSECONDS);
            exchange.receipt().thenRun(() -> deadline.cancel(false)).exceptionally(this::logged);
            connect(exchange);
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    private HttpExchange exchange(Message message) {
        Payload payload = message.payload();
        HttpRequest request = new BasicHttpRequest("POST", host, path);
        CloudEventHeaders.write(message, DEFAULT_SOURCE).forEach(request::addHeader);
        fixedHeaders.forEach(request::addHeader);
        if (signature != null) {
            signature
                    .headers(message.id().toString(), clock.instant(), payload.buffer())
                    .forEach(request::addHeader);
        }
        return new HttpExchange(request, payload.buffer(), destination, receipts);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told
    private void connect(HttpExchange exchange) {
        HttpClientContext context = HttpClientContext.create();
        client.lease(host, context, new FutureCallback<>() {
            @Override
            public void completed(AsyncClientEndpoint endpoint) {
                exchange.connected(endpoint, context);
            }

            @Override
            public void failed(Exception e) {
                exchange.failed(e);
            }

            @Override
            public void cancelled() {
                exchange.cancel();
            }
        });
    }

    private void expire(HttpExchange exchange, long started) {
        boolean silent = lastAnswer - started < 0;
        if (silent) {
            failWaiting(destination + " answered nothing for " + timeout.toMillis() + " ms");
        }
        exchange.expire(timeout, silent);
    }

    private void settle(Delivery delivery, Receipt receipt) {
        if (!(receipt instanceof Receipt.Unknown)) {
            lastAnswer = System.nanoTime();
        }
        free.incrementAndGet();
        if (!waiting.isEmpty()) {
            startWaiting();
        }
        delivery.receipt().complete(receipt);
    }

    private void failWaiting(String why) {
        for (Delivery next = waiting.poll(); next != null; next = waiting.poll()) {
            next.receipt().complete(new Receipt.Failed("It was not sent: " + why));
        }
    }

    private @Nullable Void logged(Throwable failure) {
        log.error("{}: settling a message failed; its caller will see no receipt", destination, failure);
        return null;
    }

    /** Collects what a sender needs. Not thread-safe. */
    public static final class Builder {

        private final URI url;
        private Duration timeout = Duration.ofSeconds(5);
        private int connections = 64;
        private Map<String, String> headers = Map.of();
        private @Nullable WebhookSignature signature;
        private @Nullable SSLContext tls;
        private InstantSource clock = InstantSource.system();

        private Builder(URI url) {
            this.url = url;
        }

        /** For one whole exchange; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** How many exchanges run at once; 64 when not given. */
        public Builder connections(int connections) {
            this.connections = connections;
            return this;
        }

        /** Headers of every request, such as authorization; not those of the binding itself. */
        public Builder headers(Map<String, String> headers) {
            this.headers = Map.copyOf(headers);
            return this;
        }

        /** Signs each request as Standard Webhooks does: {@code whsec_} and the key in Base64. */
        public Builder secret(String secret) {
            this.signature = WebhookSignature.of("The secret", secret);
            return this;
        }

        /** Whom to trust and who to be; the platform's default when not given. */
        public Builder tls(SSLContext tls) {
            this.tls = tls;
            return this;
        }

        /** The time for signatures and for dates in Retry-After. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Opens the sender; connections are made when they are needed. */
        public HttpSender open() {
            HttpTarget target = HttpTarget.of(url);
            headers.keySet().forEach(HttpTarget::checkFixedHeader);
            if (timeout.isNegative() || timeout.isZero() || connections < 1) {
                throw new BidaException("A sender to " + target.shown() + " needs a timeout above zero and at least one"
                        + " connection, not " + timeout + " and " + connections + ".");
            }
            return new HttpSender(target, this);
        }
    }
}
