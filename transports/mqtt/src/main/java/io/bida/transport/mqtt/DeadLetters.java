package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes dead letters to a topic until the broker has kept each for somebody: MQTT forgets what nobody subscribes to. By
 * a connection of its own: on the receiver's the answers would wait behind messages that are not read. Thread-safe.
 */
final class DeadLetters implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final MqttAddress address;
    private final Mqtt5AsyncClient client;
    private final String topic;
    private @Nullable CompletableFuture<?> connection;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean troubled;
    private volatile boolean closed;

    DeadLetters(MqttAddress address, String topic) {
        this.address = address;
        this.client = address.client()
                .automaticReconnectWithDefaultConfig()
                .addDisconnectedListener(context -> {
                    if (closed) {
                        context.getReconnector().reconnect(false);
                    }
                })
                .buildAsync();
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
        if (closed) {
            return;
        }
        connected().thenCompose(now -> client.publish(letter)).whenComplete((result, failure) -> {
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

    /** By the first dead letter; a connection that failed is made again by the client itself. */
    private synchronized CompletableFuture<?> connected() {
        CompletableFuture<?> begun = connection;
        if (begun == null) {
            begun = client.connectWith().keepAlive(address.keepAlive()).send().handle((acknowledged, failure) -> null);
            connection = begun;
        }
        return begun;
    }

    /** What is not kept comes again. */
    @Override
    public void close() {
        closed = true;
        client.disconnect()
                .orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(notConnected -> null)
                .join();
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
