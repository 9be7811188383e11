package io.bida.transport.nats;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection after another, for ever: each serves until it is lost, and is never used again, so what was still in its
 * buffers is never sent. All of it happens on one thread of its own. Thread-safe.
 */
final class NatsConnections implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NatsConnections.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** What is done with a connection. */
    interface Use {

        /** Returns or throws when the connection is of no use any more. */
        void of(Connection connection, Lost lost) throws Exception;

        /** The server said, at some time later, that it did not do what it was told. */
        default void error(String text) {}
    }

    private final String name;
    private final NatsServers servers;
    private final Use use;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable String trouble;

    /** @param name for the log, the thread and the server's list of connections */
    NatsConnections(String name, NatsServers servers, Use use) {
        this.name = name;
        this.servers = servers;
        this.use = use;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends the connection, and waits for that no longer than the time-out. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(servers.timeout().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try {
                if (!served() && !closed) {
                    TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                }
            } catch (InterruptedException e) {
                // closed: the loop's condition tells
            }
        }
    }

    /** One connection, from its beginning to its end; returns whether it was of use until it was lost. */
    private boolean served() throws InterruptedException {
        Lost lost = new Lost();
        Connection connection = connected(lost);
        return connection != null && served(connection, lost);
    }

    private @Nullable Connection connected(Lost lost) throws InterruptedException {
        try {
            return Nats.connect(servers.options(name, (connection, event) -> lost.heard(event), lost));
        } catch (AuthenticationException e) {
            troubled("the server refuses the user, the password or the token");
        } catch (IOException e) {
            troubled("no server can be reached" + lost.why());
        } catch (RuntimeException e) {
            troubled("no connection can be made: " + e);
        }
        return null;
    }

    private boolean served(Connection connection, Lost lost) throws InterruptedException {
        try {
            recovered();
            use.of(connection, lost);
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            if (lost.isLost()) {
                return true;
            }
            troubled("the connection is given up: " + e);
            return false;
        } finally {
            // One that is lost already closes itself.
            if (connection.getStatus() == Connection.Status.CONNECTED) {
                connection.close();
            }
        }
    }

    /** What is wrong with the connection now; null: nothing. */
    @Nullable String trouble() {
        return trouble;
    }

    /** The first time loud, then quiet. */
    private void troubled(String text) {
        if (closed || text.equals(trouble)) {
            log.debug("{}: {}", name, text);
        } else {
            trouble = text;
            log.warn("{}: {}; trying again every {} ms", name, text, PAUSE.toMillis());
        }
    }

    private void recovered() {
        if (trouble != null) {
            trouble = null;
            log.info("{}: connected", name);
        }
    }

    /** Whether the connection is lost, and the last that was heard of it. */
    final class Lost implements ErrorListener {

        private final CountDownLatch latch = new CountDownLatch(1);
        private volatile @Nullable Exception last;

        /** Returns whether it is lost, at the latest after that time. */
        boolean await(Duration atMost) throws InterruptedException {
            return latch.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        }

        private boolean isLost() {
            return latch.getCount() == 0;
        }

        private void heard(Events event) {
            if (event == Events.DISCONNECTED || event == Events.CLOSED) {
                latch.countDown();
            }
        }

        private String why() {
            Exception why = last;
            return why == null ? "" : " (" + why + ")";
        }

        @Override
        public void errorOccurred(Connection connection, String error) {
            log.warn("{}: the server says: {}", name, error);
            use.error(error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception e) {
            last = e;
        }
    }
}
