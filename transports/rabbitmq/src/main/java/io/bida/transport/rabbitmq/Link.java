package io.bida.transport.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection; one that has ended does not come back. Thread-safe. */
final class Link implements AutoCloseable {

    private static final int FAREWELL_MILLIS = 500;

    private final Connection connection;
    private final Socket socket;
    private volatile @Nullable String blocked;

    Link(Connection connection, Socket socket) {
        this.connection = connection;
        this.socket = socket;
        connection.addBlockedListener(why -> blocked = why, () -> blocked = null);
    }

    Connection connection() {
        return connection;
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    /** Why the broker reads nothing that is published, such as "low on memory"; null when it reads. */
    @Nullable String blocked() {
        return blocked;
    }

    Channel channel() throws IOException {
        uncork();
        Channel channel = connection.createChannel();
        if (channel == null) {
            throw new IOException("The connection has no channel left.");
        }
        return channel;
    }

    /** What is written from now on may wait for {@link #uncork}; not over TLS. */
    void cork() {
        if (socket instanceof CorkedSocket corked) {
            corked.cork();
        }
    }

    void uncork() throws IOException {
        if (socket instanceof CorkedSocket corked) {
            corked.uncork();
        }
    }

    /** Ends it without a word, even while somebody is stuck in writing. */
    void cut() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more, closed or not.
        }
    }

    /** Says farewell, for a moment only. */
    @Override
    public void close() {
        CompletableFuture.delayedExecutor(2L * FAREWELL_MILLIS, TimeUnit.MILLISECONDS)
                .execute(this::cut);
        connection.abort(FAREWELL_MILLIS);
    }
}
