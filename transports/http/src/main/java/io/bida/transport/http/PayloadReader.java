package io.bida.transport.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/** Reads a request's body as it comes, without holding a thread, up to a limit. */
final class PayloadReader implements Runnable {

    /** The body is longer than the limit. */
    static final class TooLongException extends IOException {}

    /** Gets the body, or why there is none. */
    interface Taker {
        void take(byte @Nullable [] body, @Nullable Throwable failure);
    }

    private final Content.Source source;
    private final int limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Taker taker;

    private PayloadReader(Content.Source source, int limit, Taker taker) {
        this.source = source;
        this.limit = limit;
        this.taker = taker;
    }

    static void read(Content.Source source, int limit, Taker taker) {
        new PayloadReader(source, limit, taker).run();
    }

    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                taker.take(null, chunk.getFailure());
                return;
            }
            boolean fits = keep(chunk.getByteBuffer());
            boolean last = chunk.isLast();
            chunk.release();
            if (!fits) {
                taker.take(null, new TooLongException());
                return;
            }
            if (last) {
                taker.take(bytes.toByteArray(), null);
                return;
            }
        }
    }

    private boolean keep(ByteBuffer data) {
        if (data.remaining() > limit - bytes.size()) {
            return false;
        }
        byte[] part = new byte[data.remaining()];
        data.get(part);
        bytes.writeBytes(part);
        return true;
    }
}
