package io.bida.transport.http;

import static io.bida.transport.http.Sending.MESSAGE;
import static io.bida.transport.http.Sending.receipt;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against bare sockets that answer as no server should. */
@Timeout(60)
class BrokenAnswersTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Lasts longer than any deadline of these tests; ended by closing the socket. */
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private interface Peer {
        void talk(Socket socket) throws Exception;
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Socket> sockets = new LinkedBlockingQueue<>();
    private ServerSocket server;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        threads.shutdownNow();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void aRefusedConnectionIsAFailure() throws IOException {
        int port = server.getLocalPort();
        server.close();
        try (HttpSender sender = Sending.to(port)) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
    }

    @Test
    void anUnknownHostIsAFailure() {
        try (HttpSender sender =
                HttpSender.to(URI.create("http://no-such-host.invalid/")).open()) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
    }

    @Test
    void aFailedTlsHandshakeIsAFailure() {
        peer(socket -> write(socket, "this is no TLS\r\n\r\n"));
        try (HttpSender sender = HttpSender.to(URI.create("https://127.0.0.1:" + server.getLocalPort() + "/"))
                .open()) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Failed.class);
        }
    }

    @Test
    void silenceAfterTheRequestIsUnknownAndItsConnectionIsClosed() throws Exception {
        CountDownLatch closedByClient = new CountDownLatch(1);
        peer(socket -> {
            readRequest(socket);
            untilClosed(socket);
            closedByClient.countDown();
        });
        try (HttpSender sender = Sending.impatient(server.getLocalPort())) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Unknown.class);
            assertThat(closedByClient.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aServerThatTakesNoConnectionIsBoundedByTheDeadline() {
        // The backlog takes the connection, nobody reads from it.
        try (HttpSender sender = Sending.impatient(server.getLocalPort())) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Unknown.class);
        }
    }

    @Test
    void aResetAfterTheRequestWithoutAnyAnswerIsUnknown() {
        peer(socket -> {
            readRequest(socket);
            socket.setSoLinger(true, 0);
            socket.close();
        });
        unknown();
    }

    @Test
    void aCloseAfterTheRequestWithoutAnyAnswerIsUnknown() {
        peer(socket -> {
            readRequest(socket);
            socket.close();
        });
        unknown();
    }

    @Test
    void halfAStatusLineIsUnknown() {
        answer("HTTP/1.1 20");
        unknown();
    }

    @Test
    void halfABodyIsUnknown() {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        unknown();
    }

    @Test
    void abortedChunksAreUnknown() {
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
        unknown();
    }

    @Test
    void nonsenseIsUnknown() {
        answer("SSH-2.0-OpenSSH_9.2\r\n\r\n");
        unknown();
    }

    @Test
    void hangingAfterTheHeadersIsUnknown() {
        peer(socket -> {
            readRequest(socket);
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            NEVER.await();
        });
        unknownInTime();
    }

    @Test
    void anAnswerThatTricklesIsCutByTheDeadline() {
        peer(socket -> {
            readRequest(socket);
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            while (!NEVER.await(20, TimeUnit.MILLISECONDS)) {
                write(socket, "x");
            }
        });
        unknownInTime();
    }

    @Test
    void headersWithoutEndAreCut() {
        peer(socket -> {
            readRequest(socket);
            write(socket, "HTTP/1.1 200 OK\r\nX: ");
            for (int i = 0; i < 100_000; i++) {
                write(socket, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
            }
        });
        unknown();
    }

    @Test
    void aBodyThatEndsWithTheConnectionIsWhole() {
        answer("HTTP/1.0 200 OK\r\n\r\nok");
        try (HttpSender sender = Sending.to(server.getLocalPort())) {
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }
    }

    @Test
    void informationBeforeTheAnswerIsSkipped() {
        answer("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK);
        try (HttpSender sender = Sending.to(server.getLocalPort())) {
            assertThat(receipt(sender, MESSAGE)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }
    }

    @Test
    void aSenderRecoversFromPooledConnectionsThatTheServerClosed() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        peer(socket -> {
            readRequest(socket);
            write(socket, OK);
            socket.close();
            closed.countDown();
        });
        try (HttpSender sender = Sending.to(server.getLocalPort())) {
            for (int i = 0; i < 20; i++) {
                assertThat(receipt(sender, MESSAGE)).isNotInstanceOf(Receipt.Rejected.class);
            }
            closed.await();
            assertThat(awaitAccepted(sender)).isEqualTo(new Receipt.Accepted("HTTP 200"));
        }
    }

    @Test
    void whatWaitsBehindASilentDestinationFailsUnsent() {
        peer(socket -> {
            readRequest(socket);
            NEVER.await();
        });
        try (HttpSender sender = Sending.builder(server.getLocalPort())
                .timeout(Duration.ofMillis(300))
                .connections(1)
                .open()) {
            List<CompletionStage<Receipt>> stages = sender.send(List.of(MESSAGE, other("2"), other("3")));
            assertThat(Sending.await(stages.get(0))).isInstanceOf(Receipt.Unknown.class);
            assertThat(Sending.await(stages.get(1))).isInstanceOf(Receipt.Failed.class);
            assertThat(Sending.await(stages.get(2))).isInstanceOf(Receipt.Failed.class);
        }
    }

    @Test
    void aSlowDestinationIsWaitedForAsLongAsItAnswers() {
        peer(socket -> {
            for (int i = 0; i < 5; i++) {
                readRequest(socket);
                NEVER.await(200, TimeUnit.MILLISECONDS);
                write(socket, OK);
            }
        });
        try (HttpSender sender = Sending.builder(server.getLocalPort())
                .timeout(Duration.ofMillis(600))
                .connections(1)
                .open()) {
            List<Message> five = List.of(MESSAGE, other("2"), other("3"), other("4"), other("5"));
            assertThat(sender.send(five))
                    .allSatisfy(stage -> assertThat(Sending.await(stage)).isEqualTo(new Receipt.Accepted("HTTP 200")));
        }
    }

    private static Message other(String bizId) {
        return Message.to("t").type("T").bizId(bizId).payload("{}").build();
    }

    private static Receipt awaitAccepted(HttpSender sender) {
        Receipt receipt = receipt(sender, MESSAGE);
        for (int i = 0; i < 100 && !(receipt instanceof Receipt.Accepted); i++) {
            receipt = receipt(sender, MESSAGE);
        }
        return receipt;
    }

    private void unknown() {
        try (HttpSender sender = Sending.to(server.getLocalPort())) {
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Unknown.class);
        }
    }

    private void unknownInTime() {
        try (HttpSender sender = Sending.impatient(server.getLocalPort())) {
            long started = System.nanoTime();
            assertThat(receipt(sender, MESSAGE)).isInstanceOf(Receipt.Unknown.class);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(4));
        }
    }

    private void answer(String bytes) {
        peer(socket -> {
            readRequest(socket);
            write(socket, bytes);
            socket.close();
        });
    }

    private void peer(Peer peer) {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    sockets.add(socket);
                    threads.execute(() -> talk(peer, socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static void talk(Peer peer, Socket socket) {
        try {
            peer.talk(socket);
        } catch (Exception e) {
            // the client went away, or the test ended
        }
    }

    private static void write(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(US_ASCII));
        socket.getOutputStream().flush();
    }

    /** The head, and the two bytes of the body. */
    private static void readRequest(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        int ends = 0;
        while (ends < 4) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the request was cut");
            }
            ends = b == "\r\n\r\n".charAt(ends) ? ends + 1 : b == '\r' ? 1 : 0;
        }
        in.readNBytes(2);
    }

    private static void untilClosed(Socket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // nothing more is expected
            }
        } catch (IOException e) {
            // a reset closes as well
        }
    }
}
