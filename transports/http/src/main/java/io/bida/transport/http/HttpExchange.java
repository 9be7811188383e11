package io.bida.transport.http;

import io.bida.transport.Receipt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStreamResetException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.impl.BasicEntityDetails;
import org.apache.hc.core5.http.nio.AsyncClientEndpoint;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, as the client drives it. What an end means depends on how far it came: before the request
 * was handed to a connection the message was not sent and has failed; after that it may have been taken, and only a
 * whole answer tells. The first end counts; whatever comes later is dropped, and with it the HTTP/1.1 connection or the
 * HTTP/2 stream: a shared connection stays for the others, unless nobody is answered any more.
 */
final class HttpExchange implements AsyncClientExchangeHandler {

    /** What is kept of an answer for the reason. */
    private static final int KEPT = 1024;

    /** A longer answer is not read: its status is enough. */
    private static final int LONGEST = 1024 * 1024;

    private enum Phase {
        CONNECTING,
        SENT,
        ENDED
    }

    private final HttpRequest head;
    private final ByteBuffer body;
    private final int length;
    private final String destination;
    private final StatusReceipts receipts;
    private final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.CONNECTING);
    private final CompletableFuture<AsyncClientEndpoint> connection = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private volatile boolean requestComplete;
    private volatile boolean shared;
    private int status;
    private @Nullable String retryAfter;
    private int received;

    HttpExchange(HttpRequest head, ByteBuffer body, String destination, StatusReceipts receipts) {
        this.head = head;
        this.body = body;
        this.length = body.remaining();
        this.destination = destination;
        this.receipts = receipts;
    }

    CompletableFuture<Receipt> receipt() {
        return receipt;
    }

    /** The connection to use; given back unused when the exchange has ended meanwhile. */
    void connected(AsyncClientEndpoint endpoint, HttpContext context) {
        connection.complete(endpoint);
        // Whoever ends the exchange from here on gives the connection back; who did before has not seen it.
        if (phase.get() == Phase.ENDED) {
            endpoint.releaseAndReuse();
            return;
        }
        try {
            endpoint.execute(this, context);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /**
     * The deadline passed.
     *
     * @param silent whether the destination answered nothing at all meanwhile
     */
    void expire(Duration timeout, boolean silent) {
        String within = " within " + timeout.toMillis() + " ms";
        end(
                Receipt.Failed.unavailable(
                        destination + " could not be connected" + within + "; nothing was sent", null),
                new Receipt.Unknown(destination + " gave no whole answer" + within),
                shared && !silent);
    }

    /** The sender is closed. */
    void abandon() {
        Receipt closed = new Receipt.Unknown("The sender to " + destination + " was closed before the answer came");
        end(closed, closed, false);
    }

    @Override
    public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
        if (!phase.compareAndSet(Phase.CONNECTING, Phase.SENT)) {
            throw new RequestNotExecutedException();
        }
        channel.sendRequest(head, new BasicEntityDetails(length, null), context);
        shared = context.getProtocolVersion().greaterEquals(HttpVersion.HTTP_2);
    }

    @Override
    public int available() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
        if (body.hasRemaining()) {
            channel.write(body);
        }
        if (!body.hasRemaining()) {
            requestComplete = true;
            channel.endStream();
        }
    }

    @Override
    public void consumeInformation(HttpResponse response, HttpContext context) {}

    @Override
    public void consumeResponse(HttpResponse response, @Nullable EntityDetails entity, HttpContext context) {
        Header wait = response.getFirstHeader("retry-after");
        status = response.getCode();
        retryAfter = wait == null ? null : wait.getValue();
        if (entity == null) {
            answered(requestComplete || shared);
        }
    }

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer data) throws IOException {
        if (phase.get() == Phase.ENDED) {
            throw new HttpStreamResetException("the exchange has ended");
        }
        received += data.remaining();
        byte[] part = new byte[Math.min(data.remaining(), KEPT - kept.size())];
        data.get(part);
        kept.writeBytes(part);
        data.position(data.limit());
        if (received > LONGEST) {
            answered(shared);
            throw new HttpStreamResetException("the answer is longer than " + LONGEST + " bytes");
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        answered(requestComplete || shared);
    }

    @Override
    public void failed(Exception cause) {
        if (cause instanceof RequestNotExecutedException) {
            Receipt notSent = new Receipt.Failed(destination + " closed the connection before the request was sent");
            end(notSent, notSent, false);
            return;
        }
        end(
                Receipt.Failed.unavailable(destination + " could not be connected: " + sentence(cause), null),
                new Receipt.Unknown(destination + " was sent the message, then the answer broke: " + sentence(cause)),
                shared && cause instanceof HttpStreamResetException);
    }

    @Override
    public void cancel() {
        failed(new IOException("the connection was closed"));
    }

    @Override
    public void releaseResources() {}

    private void answered(boolean reusable) {
        Receipt answer = receipts.receipt(status, retryAfter, kept.toByteArray());
        if (phase.getAndSet(Phase.ENDED) != Phase.ENDED) {
            release(reusable);
            receipt.complete(answer);
        }
    }

    private void end(Receipt whenNotSent, Receipt whenSent, boolean reusable) {
        Phase before = phase.getAndSet(Phase.ENDED);
        if (before != Phase.ENDED) {
            release(reusable);
            receipt.complete(before == Phase.CONNECTING ? whenNotSent : whenSent);
        }
    }

    private void release(boolean reusable) {
        AsyncClientEndpoint endpoint = connection.getNow(null);
        if (endpoint == null) {
            return;
        }
        if (reusable) {
            endpoint.releaseAndReuse();
        } else {
            endpoint.releaseAndDiscard();
        }
    }

    private static String sentence(Exception cause) {
        if (cause instanceof SocketTimeoutException) {
            return "nothing came in time";
        }
        if (cause instanceof UnknownHostException) {
            return "its name is not known";
        }
        String said = cause.getMessage();
        return said == null ? cause.getClass().getSimpleName() : StatusReceipts.excerpt(said);
    }
}
