package io.bida.transport.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records that can never be handled to a topic of their own, one by one, until each is there. Thread-safe. */
final class DeadLetters implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
    private static final String REASON = "bida-reason";
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_TOO_LARGE = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int TRIES_OF_A_PRODUCER = 5;

    private final String topic;
    private final Map<String, Object> properties;
    private final ScheduledExecutorService writer;
    private volatile @Nullable Producer<byte[], byte[]> producer;

    /** @param properties for a producer, which is made for the first dead letter */
    DeadLetters(String topic, ClientProperties properties) {
        this.topic = topic;
        this.properties = properties.complete(
                Map.of(
                        "max.request.size", 16 << 20,
                        "max.block.ms", 5_000,
                        "request.timeout.ms", 5_000,
                        "delivery.timeout.ms", 10_000),
                Map.of("acks", "all", "enable.idempotence", true));
        this.writer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "bida-kafka-dead-letters");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The stage completes when the record is kept by all replicas, and never when this is closed before. */
    CompletionStage<Void> keep(ConsumerRecord<byte[], byte[]> record, String reason) {
        CompletableFuture<Void> kept = new CompletableFuture<>();
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(topic, null, record.key(), record.value(), record.headers());
        letter.headers().remove(REASON).add(REASON, KafkaEvents.bytes(reason));
        String name = record.topic() + "-" + record.partition() + "@" + record.offset();
        execute(() -> write(letter, name, reason, kept), Duration.ZERO);
        return kept;
    }

    private void write(
            ProducerRecord<byte[], byte[]> letter, String name, String reason, CompletableFuture<Void> kept) {
        try {
            if (isWritten(letter, name)) {
                log.warn("kafka: {} is a dead letter in {}: {}", name, topic, reason);
                kept.complete(null);
            }
        } catch (RecordTooLargeException e) {
            log.error(
                    "kafka: {} cannot be handled and is too large for {}. It is not acknowledged and tried again every {}"
                            + " s; raise max.message.bytes of that topic. {}",
                    name,
                    topic,
                    PAUSE_TOO_LARGE.toSeconds(),
                    e.getMessage());
            execute(() -> write(letter, name, reason, kept), PAUSE_TOO_LARGE);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // each answers by its stage
    private void execute(Runnable work, Duration pause) {
        try {
            writer.schedule(work, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: it will be delivered again.
        }
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
        Producer<byte[], byte[]> open = producer;
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }

    /** False: this was closed before it succeeded. A {@link RecordTooLargeException} is the letter's own fault. */
    private boolean isWritten(ProducerRecord<byte[], byte[]> letter, String name) {
        for (int tries = 1; ; tries++) {
            try {
                producer().send(letter).get();
                return true;
            } catch (ExecutionException | KafkaException e) {
                if (e.getCause() instanceof RecordTooLargeException tooLarge) {
                    throw tooLarge;
                }
                if (ErrorReceipts.isFatal(e) || tries % TRIES_OF_A_PRODUCER == 0) {
                    renew();
                }
                if (tries == 1) {
                    log.error(
                            "kafka: {} cannot be handled and not be kept in {} ({}). It is not acknowledged and tried again"
                                    + " every {} s; see that the topic is there and can be written to.",
                            name,
                            topic,
                            e.getCause() == null ? e : e.getCause(),
                            PAUSE.toSeconds());
                }
            } catch (InterruptedException e) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                return false;
            }
        }
    }

    /** One that was not let in once may never ask again. */
    private void renew() {
        Producer<byte[], byte[]> useless = producer;
        producer = null;
        if (useless != null) {
            useless.close(Duration.ZERO);
        }
    }

    private Producer<byte[], byte[]> producer() {
        Producer<byte[], byte[]> open = producer;
        if (open == null) {
            open = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
            producer = open;
        }
        return open;
    }
}
