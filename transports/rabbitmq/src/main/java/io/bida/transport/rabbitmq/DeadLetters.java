package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.bida.message.Payload;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of what can never be handled: published with a confirm, as a rejection would be lost where the queue knows no
 * dead-letter exchange. Thread-safe.
 */
final class DeadLetters implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private static final String REASON = "bida-reason";
    private static final int LONGEST_REASON = 1_000;
    private static final int PERSISTENT = 2;

    /** Would send it to further queues. */
    private static final Set<String> ROUTING_HEADERS = Set.of("CC", "BCC");

    private final String queue;
    private final Publisher publisher;
    private final Duration patience;
    private final AtomicInteger underWay = new AtomicInteger();

    DeadLetters(String queue, Publisher publisher, Duration patience) {
        this.queue = queue;
        this.publisher = publisher;
        this.patience = patience;
    }

    /** As it came, and why; without what would let it expire, go elsewhere or be refused for its user's sake. */
    Letter letter(BasicProperties properties, byte[] body, String reason) {
        Map<String, Object> headers = new HashMap<>();
        if (properties.getHeaders() != null) {
            headers.putAll(properties.getHeaders());
        }
        headers.keySet().removeAll(ROUTING_HEADERS);
        headers.put(REASON, reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON));
        String id = properties.getMessageId();
        return new Letter(
                "",
                queue,
                properties
                        .builder()
                        .headers(headers)
                        .deliveryMode(PERSISTENT)
                        .messageId(id == null ? UUID.randomUUID().toString() : id)
                        .expiration(null)
                        .userId(null)
                        .build(),
                Payload.wrap(body));
    }

    CompletableFuture<Receipt> keep(Letter letter) {
        underWay.incrementAndGet();
        return publisher.publish(List.of(letter)).get(0).whenComplete((receipt, failure) -> {
            underWay.decrementAndGet();
            if (!(receipt instanceof Receipt.Accepted)) {
                log.error(
                        "The dead letter {} is not kept: {} It stays unacknowledged in its queue and is tried again; queue {}"
                                + " must be there and take it.",
                        letter.id(),
                        receipt,
                        queue);
            }
        });
    }

    /** Waits for those under way, for a while. */
    void awaitKept() {
        long begin = System.nanoTime();
        try {
            while (underWay.get() > 0 && System.nanoTime() - begin < patience.toNanos()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        publisher.close();
    }
}
