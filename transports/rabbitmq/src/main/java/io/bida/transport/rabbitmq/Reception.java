package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.bida.transport.Deliverer;
import io.bida.transport.Receipt;
import io.bida.transport.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a receiver does on one connection, from its beginning to its end. Thread-safe. */
final class Reception implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Reception.class);

    private static final Duration KEEP_AGAIN = Duration.ofSeconds(2);

    private final Link link;
    private final String queue;
    private final Channel channel;
    private final Deliverer deliverer;
    private final DeadLetters deadLetters;
    private final Acknowledger acknowledger;
    private final AtomicInteger delivered = new AtomicInteger();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private @Nullable String consumer;

    Reception(Link link, String queue, Channel channel, Deliverer deliverer, DeadLetters deadLetters) {
        this.link = link;
        this.queue = queue;
        this.channel = channel;
        this.deliverer = deliverer;
        this.deadLetters = deadLetters;
        this.acknowledger = new Acknowledger(link, channel);
    }

    /** @param window the most deliveries that are not acknowledged */
    void begin(int window) throws IOException {
        channel.addShutdownListener(cause -> end.complete(Reasons.of(cause)));
        channel.basicQos(window);
        consumer = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                delivered(envelope.getDeliveryTag(), properties, body);
            }

            @Override
            public void handleCancel(String tag) {
                end.complete("The broker ended the delivery: the queue was deleted or has moved");
            }
        });
    }

    int unacknowledged() {
        return delivered.get() - acknowledger.acknowledged();
    }

    /** Waits for the end and tells its reason. */
    String awaitEnd() {
        return end.join();
    }

    /** Lets {@link #awaitEnd} return. */
    void end() {
        end.complete("The receiver is closed");
    }

    /** Takes no more, waits for what the intake has, acknowledges, and leaves the rest to the queue. */
    @Override
    public void close() {
        try {
            if (consumer != null && channel.isOpen()) {
                channel.basicCancel(consumer);
            }
        } catch (IOException | RuntimeException e) {
            log.debug("{}: {}", queue, Reasons.of(e));
        }
        deliverer.close();
        deadLetters.awaitKept();
        acknowledger.close();
        link.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the verdict's consequences are begun
    private void delivered(long tag, BasicProperties properties, byte[] body) {
        delivered.incrementAndGet();
        deliverer.deliver(AmqpEvents.delivery(queue, properties, body)).thenAccept(verdict -> {
            if (verdict instanceof Verdict.Done) {
                acknowledger.acknowledge(tag);
            } else if (verdict instanceof Verdict.Dead dead) {
                keep(tag, deadLetters.letter(properties, body, dead.reason()));
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // tells the result itself
    private void keep(long tag, Letter letter) {
        deadLetters.keep(letter).thenAccept(receipt -> {
            if (receipt instanceof Receipt.Accepted) {
                acknowledger.acknowledge(tag);
            } else if (!end.isDone()) {
                CompletableFuture.delayedExecutor(KEEP_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(() -> keep(tag, letter));
            }
        });
    }
}
