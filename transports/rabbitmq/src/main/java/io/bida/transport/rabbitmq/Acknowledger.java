package io.bida.transport.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Acknowledges deliveries on a thread of its own: as many in one write as have come together meanwhile. Thread-safe. */
final class Acknowledger implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Acknowledger.class);

    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final long LAST = -1;

    private final Link link;
    private final Channel channel;
    private final BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Thread thread;

    Acknowledger(Link link, Channel channel) {
        this.link = link;
        this.channel = channel;
        this.thread = new Thread(this::run, "bida-rabbitmq acknowledger");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    void acknowledge(long tag) {
        tags.add(tag);
    }

    /** How many so far. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Waits until what was given is acknowledged, for a moment. */
    @Override
    public void close() {
        tags.add(LAST);
        try {
            thread.join(FAREWELL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            long tag = tags.take();
            while (tag != LAST) {
                link.cork();
                channel.basicAck(tag, false);
                acknowledged.incrementAndGet();
                Long next = tags.poll();
                if (next == null) {
                    link.uncork();
                    next = tags.take();
                }
                tag = next;
            }
            link.uncork();
        } catch (IOException | ShutdownSignalException e) {
            // The connection is lost: all of them will be delivered again.
            log.debug("Acknowledging ended: {}", Reasons.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
