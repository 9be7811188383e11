package io.bida.transport.rabbitmq;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose output can be held back: the client flushes after each message, and a system call for each costs more than
 * the message. Thread-safe.
 */
final class CorkedSocket extends Socket {

    private static final int BUFFER = 64 * 1024;

    private volatile @Nullable Output output;

    @Override
    public synchronized OutputStream getOutputStream() throws IOException {
        Output open = output;
        if (open == null) {
            open = new Output(super.getOutputStream());
            output = open;
        }
        return open;
    }

    /** What is written from now on may wait for {@link #uncork}. */
    void cork() {
        Output open = output;
        if (open != null) {
            open.corked = true;
        }
    }

    void uncork() throws IOException {
        Output open = output;
        if (open != null) {
            open.corked = false;
            open.flush();
        }
    }

    private static final class Output extends BufferedOutputStream {

        private volatile boolean corked;

        Output(OutputStream out) {
            super(out, BUFFER);
        }

        @Override
        public synchronized void flush() throws IOException {
            if (!corked) {
                super.flush();
            }
        }
    }
}
