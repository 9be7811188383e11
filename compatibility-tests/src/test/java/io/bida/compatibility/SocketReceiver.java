package io.bida.compatibility;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.function.Predicate;

/** The other end of {@link SocketSenderFactory}. */
final class SocketReceiver implements AutoCloseable {

    private final ServerSocket server;
    private final Predicate<String> takes;

    /** @param takes is asked about each biz-id, by one thread for each sender */
    SocketReceiver(Predicate<String> takes) {
        this.takes = takes;
        try {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                start(() -> answer(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void answer(Socket socket) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16)) {
            while (true) {
                out.write(takes.test(in.readUTF()) ? SocketSenderFactory.TAKEN : 0);
                if (in.available() == 0) {
                    out.flush();
                }
            }
        } catch (EOFException | SocketException e) {
            // The sender has gone, perhaps by kill.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "receiver");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
