package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultyProxyTest {

    private static final int SHORT = 200;
    private static final int LONG = 10_000;

    private final Echo echo = new Echo();
    private final FaultyProxy proxy = FaultyProxy.to("127.0.0.1", echo.port());

    @AfterEach
    void close() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void withoutAFaultItIsNotNoticed() throws IOException {
        try (Socket socket = connect()) {
            send(socket, "ping");
            assertThat(receive(socket, 4)).isEqualTo("ping");
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).as("the server's end").isEqualTo(-1);
        }
        await().until(() -> proxy.connections() == 0);
    }

    @Test
    void whileItRefusesNewConnectionsOpenOnesGoOn() throws IOException {
        try (Socket open = connect()) {
            send(open, "a");
            assertThat(receive(open, 1)).isEqualTo("a");
            proxy.refuse();
            assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connect);
            send(open, "b");
            assertThat(receive(open, 1)).isEqualTo("b");
            proxy.accept();
            try (Socket again = connect()) {
                send(again, "c");
                assertThat(receive(again, 1)).isEqualTo("c");
            }
        }
    }

    @Test
    void aCutResetsOpenConnectionsAndWelcomesNewOnes() throws IOException {
        try (Socket open = connect()) {
            send(open, "a");
            assertThat(receive(open, 1)).isEqualTo("a");
            proxy.cut();
            assertThatExceptionOfType(SocketException.class)
                    .isThrownBy(() -> receive(open, 1))
                    .withMessageContaining("reset");
            assertThat(proxy.connections()).isZero();
            try (Socket again = connect()) {
                send(again, "b");
                assertThat(receive(again, 1)).isEqualTo("b");
            }
        }
    }

    @Test
    void aLostAnswersRequestArrived() throws IOException {
        try (Socket socket = connect()) {
            proxy.loseAnswers();
            send(socket, "pay");
            await().until(() -> proxy.lostBytes() == 3);
            assertThat(echo.received).contains("pay");
            proxy.heal();
            send(socket, "next");
            assertThat(receive(socket, 4)).isEqualTo("next");
        }
    }

    @Test
    void afterAFreezeNothingIsLost() throws IOException {
        try (Socket socket = connect()) {
            send(socket, "a");
            assertThat(receive(socket, 1)).isEqualTo("a");
            proxy.freeze();
            send(socket, "bc");
            socket.setSoTimeout(SHORT);
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> receive(socket, 2));
            assertThat(echo.received).doesNotContain("bc");
            proxy.heal();
            socket.setSoTimeout(LONG);
            assertThat(receive(socket, 2)).isEqualTo("bc");
        }
    }

    @Test
    void aFrozenConnectionCanBeCut() throws IOException {
        try (Socket socket = connect()) {
            send(socket, "a");
            assertThat(receive(socket, 1)).isEqualTo("a");
            proxy.freeze();
            send(socket, "b");
            proxy.cut();
            assertThatExceptionOfType(SocketException.class).isThrownBy(() -> receive(socket, 1));
            proxy.heal();
            assertThat(echo.received).doesNotContain("b");
        }
    }

    @Test
    void aDelayHoldsBackBothWays() throws IOException {
        try (Socket socket = connect()) {
            proxy.delay(Duration.ofMillis(SHORT));
            long begin = System.nanoTime();
            send(socket, "slow");
            assertThat(receive(socket, 4)).isEqualTo("slow");
            assertThat(System.nanoTime() - begin)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(2L * SHORT).toNanos());
        }
    }

    @Test
    void aServerThatIsDownLooksLikeAReset() throws IOException {
        try (FaultyProxy toNobody = FaultyProxy.to("127.0.0.1", Ports.free());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), toNobody.port())) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                send(socket, "a");
                receive(socket, 1);
            });
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(LONG);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String receive(Socket socket, int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("The connection ended after " + bytes.length + " of " + length + " bytes.");
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Sends back what it receives. */
    private static final class Echo implements AutoCloseable {

        final Queue<String> received = new ConcurrentLinkedQueue<>();
        private final ServerSocket listener;

        Echo() {
            try {
                listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            daemon(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    Socket socket = listener.accept();
                    daemon(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void serve(Socket socket) {
            byte[] buffer = new byte[1024];
            try (socket) {
                for (int n; (n = socket.getInputStream().read(buffer)) >= 0; ) {
                    received.add(new String(buffer, 0, n, StandardCharsets.US_ASCII));
                    socket.getOutputStream().write(buffer, 0, n);
                }
            } catch (IOException e) {
                received.add("the connection broke");
            }
        }

        private static void daemon(Runnable work) {
            Thread thread = new Thread(work, "echo");
            thread.setDaemon(true);
            thread.start();
        }
    }
}
