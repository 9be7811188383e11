package io.bida.testkit;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A network that fails on demand: a TCP proxy on a port of its own, with faults that can be switched on and off while
 * connections are open. Faults add up; {@link #heal()} ends them all. Thread-safe.
 */
public final class FaultyProxy implements AutoCloseable {

    private final String host;
    private final int targetPort;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong lostBytes = new AtomicLong();
    private final Object frozenLock = new Object();
    private boolean frozen;
    private volatile boolean answersAreLost;
    private volatile Duration delay = Duration.ZERO;
    private @Nullable Listener listener;

    private FaultyProxy(int port, String host, int targetPort) {
        this.port = port;
        this.host = host;
        this.targetPort = targetPort;
    }

    /** A proxy in front of a server, without any fault. */
    public static FaultyProxy to(String host, int port) {
        return on(Ports.free(), host, port);
    }

    /** The same on a port that clients were told already. */
    public static FaultyProxy on(int port, String host, int targetPort) {
        FaultyProxy proxy = new FaultyProxy(port, host, targetPort);
        proxy.accept();
        return proxy;
    }

    /** Where it listens, on the loopback address. */
    public int port() {
        return port;
    }

    /** How many connections are open through it. */
    public int connections() {
        return links.size();
    }

    /** How many bytes of answers were lost so far. */
    public long lostBytes() {
        return lostBytes.get();
    }

    /** New connections are refused; open ones go on. */
    public synchronized void refuse() {
        if (listener != null) {
            closeQuietly(listener.socket());
            // Until its thread has left the system call, the system still takes connections.
            Waits.join(listener.thread());
            listener = null;
        }
    }

    /** New connections are taken again, on the same port. */
    public synchronized void accept() {
        if (listener != null) {
            return;
        }
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listener = new Listener(socket, daemon("accept", () -> acceptFrom(socket)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whatever is read, in either direction, is passed on that much later; zero ends it. */
    public void delay(Duration delay) {
        this.delay = delay;
    }

    /** All open connections are reset; new ones are welcome. */
    public void cut() {
        links.forEach(Link::reset);
    }

    /** Requests arrive, and what the server answers is lost. */
    public void loseAnswers() {
        answersAreLost = true;
    }

    /** Nothing moves, in either direction, and nothing is closed; {@link #heal()} lets all of it through. */
    public void freeze() {
        synchronized (frozenLock) {
            frozen = true;
        }
    }

    /** Ends all faults. What was lost stays lost, what was cut stays cut, what was held back goes on. */
    public void heal() {
        answersAreLost = false;
        delay = Duration.ZERO;
        synchronized (frozenLock) {
            frozen = false;
            frozenLock.notifyAll();
        }
        accept();
    }

    @Override
    public void close() {
        refuse();
        cut();
    }

    private void acceptFrom(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Link link = new Link(socket.accept(), new Socket());
                links.add(link);
                daemon("requests", link::open);
            } catch (IOException e) {
                // Refusing now, or the caller was gone before it was served: the loop's condition tells.
            }
        }
    }

    private Thread daemon(String what, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + port + "-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            // It is of no use any more, closed or not.
        }
    }

    private record Listener(ServerSocket socket, Thread thread) {}

    /** One connection: two sockets and a thread for each direction. */
    private final class Link {

        private final Socket client;
        private final Socket server;
        private volatile boolean reset;
        private int ended;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void open() {
            try {
                awaitThaw();
                server.connect(new InetSocketAddress(host, targetPort));
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
            } catch (IOException e) {
                reset();
                return;
            }
            daemon("answers", () -> pass(server, client, true));
            pass(client, server, false);
        }

        /** Moves bytes one way until that way ends; the end is passed on as well. */
        private void pass(Socket from, Socket to, boolean answers) {
            byte[] buffer = new byte[16 * 1024];
            try {
                for (int n; (n = from.getInputStream().read(buffer)) >= 0; ) {
                    Waits.sleep(delay);
                    awaitThaw();
                    if (answers && answersAreLost) {
                        lostBytes.addAndGet(n);
                    } else {
                        to.getOutputStream().write(buffer, 0, n);
                    }
                }
                awaitThaw();
                to.shutdownOutput();
                oneWayEnded();
            } catch (IOException e) {
                reset();
            }
        }

        /** What waited in a frozen connection is not passed on when that is cut. */
        private void awaitThaw() throws IOException {
            synchronized (frozenLock) {
                while (frozen && !reset) {
                    try {
                        frozenLock.wait();
                    } catch (InterruptedException e) {
                        throw new InterruptedIOException("interrupted while frozen");
                    }
                }
            }
            if (reset) {
                throw new SocketException("The connection was cut.");
            }
        }

        /** Both ends see "connection reset", as when a machine on the way forgets the connection. */
        void reset() {
            reset = true;
            links.remove(this);
            for (Socket one : new Socket[] {client, server}) {
                try {
                    one.setSoLinger(true, 0);
                } catch (IOException e) {
                    // It is closed already.
                }
                closeQuietly(one);
            }
            synchronized (frozenLock) {
                frozenLock.notifyAll();
            }
        }

        private synchronized void oneWayEnded() {
            ended++;
            if (ended == 2) {
                links.remove(this);
                closeQuietly(client);
                closeQuietly(server);
            }
        }
    }
}
