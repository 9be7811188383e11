package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes dead letters to a topic until the broker has kept each for somebody: MQTT forgets what nobody subscribes to.
 * Thread-safe.
 */
final class DeadLetters {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final MqttAddress address;
    private final Mqtt5AsyncClient client;
    private final String topic;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean troubled;

    DeadLetters(MqttAddress address, Mqtt5AsyncClient client, String topic) {
        this.address = address;
        this.client = client;
        this.topic = topic;
    }

    /** How many are not kept yet. */
    int waiting() {
        return waiting.get();
    }

    /** @param kept runs when it is kept */
    void keep(Mqtt5Publish publish, String reason, Runnable kept) {
        waiting.incrementAndGet();
        attempt(MqttEvent.deadLetter(publish, topic, reason), () -> {
            waiting.decrementAndGet();
            kept.run();
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // each attempt answers by its receipt
    private void attempt(Mqtt5Publish letter, Runnable kept) {
        client.publish(letter).whenComplete((result, failure) -> {
            Receipt receipt = PublishReceipts.receipt(address, result, failure);
            if (receipt instanceof Receipt.Accepted) {
                troubled = false;
                kept.run();
            } else {
                tell(receipt);
                new CompletableFuture<Void>()
                        .completeOnTimeout(null, AGAIN.toNanos(), TimeUnit.NANOSECONDS)
                        .thenRun(() -> attempt(letter, kept));
            }
        });
    }

    private void tell(Receipt receipt) {
        if (!troubled) {
            log.error(
                    "{}: dead letters cannot be kept in topic {} and are not acknowledged; it is tried again every {} s,"
                            + " and a durable session must subscribe to it: {}",
                    address,
                    topic,
                    AGAIN.toSeconds(),
                    receipt);
        }
        troubled = true;
    }
}
