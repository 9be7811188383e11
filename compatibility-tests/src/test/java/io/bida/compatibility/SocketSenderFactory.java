package io.bida.compatibility;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A transport that keeps up with any relay: the biz-ids over a socket, one byte back for each, in their order. */
public final class SocketSenderFactory implements SenderFactory {

    static final int TAKEN = 1;

    @Override
    public String type() {
        return "socket";
    }

    @Override
    public Set<String> options() {
        return Set.of("port");
    }

    @Override
    public Sender create(TransportSettings settings) {
        try {
            return new SocketSender(settings.positive("port", 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class SocketSender implements Sender {

        private final Socket socket;
        private final DataOutputStream out;
        private final Queue<CompletableFuture<Receipt>> unanswered = new ConcurrentLinkedQueue<>();

        SocketSender(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
            Thread answers = new Thread(this::receive, "answers");
            answers.setDaemon(true);
            answers.start();
        }

        @Override
        public synchronized List<CompletionStage<Receipt>> send(List<Message> messages) {
            List<CompletionStage<Receipt>> receipts = new ArrayList<>();
            try {
                for (Message message : messages) {
                    CompletableFuture<Receipt> receipt = new CompletableFuture<>();
                    unanswered.add(receipt);
                    receipts.add(receipt);
                    out.writeUTF(message.bizId().value());
                }
                out.flush();
            } catch (IOException e) {
                close();
            }
            return receipts;
        }

        private void receive() {
            try (InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16)) {
                for (int answer = in.read(); answer >= 0; answer = in.read()) {
                    CompletableFuture<Receipt> receipt = unanswered.remove();
                    receipt.complete(answer == TAKEN ? new Receipt.Accepted("taken") : new Receipt.Failed("not now"));
                }
            } catch (IOException e) {
                close();
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            unanswered.forEach(receipt -> receipt.complete(new Receipt.Unknown("The socket was closed.")));
        }
    }
}
