package io.bida.transport.kafka;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes messages to Kafka topics, each to the partition of its ordering key. Thread-safe; never blocks its caller.
 *
 * <p><b>Accepted</b> means that every replica in sync has the record ({@code acks=all}); the proof is its partition and
 * offset. One idempotent producer carries all; it batches, and it asks again by itself when an answer is missing, for as
 * long as the time-out lasts. Then:
 *
 * <ul>
 *   <li>since the record was handed over not a byte has left the producer, as when the broker is down: failed, and the
 *       producer has forgotten it;
 *   <li>else <b>unknown</b>: a request that is under way may still be taken by the broker, but the producer does not send it
 *       again.
 * </ul>
 *
 * <p><b>Order.</b> The caller sends the next message of a key when this one is accepted. So a late copy of an earlier try
 * lies, if not before the copy that was accepted, then behind messages whose key was served already: it is a repetition, and
 * never the first arrival of anything. The gap that a record given up leaves in the producer's sequence closes by a new
 * epoch, after which the broker refuses late requests of the old one: that costs repetitions, no message and no order.
 *
 * <p>The producer blocks who names a topic it does not know yet, or sends more than it holds. It is told never to, and what
 * it does not take waits in a {@link WaitingRoom}.
 */
public final class KafkaSender implements Sender {

    private static final Logger log = LoggerFactory.getLogger(KafkaSender.class);

    /** A topic or a right that was created a moment ago is not known to every broker yet; in nanoseconds. */
    private static final long NEWS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Duration LEAST_LIFE = Duration.ofSeconds(1);

    private static final String CLOSED = "It was not sent: the sender is closed.";

    private static final Set<String> DECIDED = Set.of(
            "acks",
            "enable.idempotence",
            "transactional.id",
            "delivery.timeout.ms",
            "max.block.ms",
            "key.serializer",
            "value.serializer");

    private final Map<String, Object> properties;
    private final String servers;
    private final @Nullable String topic;
    private final long timeout;
    private final KafkaEvents events;
    private final @Nullable Topics topics;
    private final WaitingRoom<Parcel> waiting;
    private volatile KafkaLine line;
    private volatile boolean closed;

    private KafkaSender(Builder builder) {
        ClientProperties given = ClientProperties.of(builder.properties, DECIDED);
        this.properties = producerProperties(given, builder.timeout);
        this.servers = given.servers();
        this.topic = builder.topic;
        this.timeout = builder.timeout.toNanos();
        this.events = new KafkaEvents("bida");
        this.topics = builder.create ? new Topics(given.ofNoKind().complete(Map.of(), Map.of())) : null;
        this.line = KafkaLine.open(properties);
        this.waiting = new WaitingRoom<>("bida-kafka-sender", Parcel::leaves);
    }

    /** @param properties the Kafka producer's own; {@code bootstrap.servers} at least */
    public static Builder to(Map<String, String> properties) {
        return new Builder(properties);
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> receipts = new ArrayList<>(messages.size());
        KafkaLine now = line;
        double sent = now.bytesSent();
        for (Message message : messages) {
            Parcel parcel = new Parcel(events.record(message, topic == null ? message.topic() : topic));
            if (!parcel.isTaken(now, sent)) {
                waiting.add(parcel);
            }
            receipts.add(parcel);
        }
        return receipts;
    }

    @Override
    public void close() {
        closed = true;
        waiting.close();
        line.producer().close(Duration.ZERO);
    }

    /** One that is in a fatal state never leaves it. */
    private synchronized void replace(KafkaLine broken) {
        if (!line.equals(broken) || closed || System.nanoTime() - broken.since() < LEAST_LIFE.toNanos()) {
            return;
        }
        KafkaLine next;
        try {
            next = KafkaLine.open(properties);
        } catch (BidaException | KafkaException e) {
            log.warn(
                    "kafka: the producer for {} can send nothing any more, nor be replaced yet: {}",
                    servers,
                    e.getMessage());
            return;
        }
        log.warn("kafka: the producer for {} can send nothing any more and is replaced by a new one", servers);
        line = next;
        // The caller may be the old one's own thread, which cannot wait for its end.
        Thread closing = new Thread(() -> broken.producer().close(Duration.ZERO), "bida-kafka-closing");
        closing.setDaemon(true);
        closing.start();
    }

    private static Map<String, Object> producerProperties(ClientProperties given, Duration timeout) {
        int millis = (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE);
        return given.complete(
                Map.of(
                        "linger.ms",
                        2,
                        "batch.size",
                        128 * 1024,
                        "buffer.memory",
                        64L << 20,
                        // How large a message may be is for the broker to say.
                        "max.request.size",
                        16 << 20,
                        "request.timeout.ms",
                        Math.max(1, millis / 2),
                        "socket.connection.setup.timeout.ms",
                        Math.max(1, millis / 2),
                        "socket.connection.setup.timeout.max.ms",
                        Math.max(1, millis),
                        "reconnect.backoff.max.ms",
                        500),
                Map.of("acks", "all", "enable.idempotence", true, "delivery.timeout.ms", millis, "max.block.ms", 0));
    }

    /** One message on its way, and its receipt. */
    private final class Parcel extends CompletableFuture<Receipt> implements Callback {

        private final ProducerRecord<byte[], byte[]> record;
        private final long since = System.nanoTime();
        private KafkaLine usedLine = line;
        private double sentBefore;
        private @Nullable Thread handing;
        private @Nullable TimeoutException refusal;

        Parcel(ProducerRecord<byte[], byte[]> record) {
            this.record = record;
        }

        /** Hands it to the producer; false: that takes it not now, but perhaps in a moment. */
        @SuppressWarnings("FutureReturnValueIgnored") // onCompletion is told the same
        boolean isTaken(KafkaLine now, double sent) {
            usedLine = now;
            sentBefore = sent;
            refusal = null;
            handing = Thread.currentThread();
            try {
                now.producer().send(record, this);
            } catch (KafkaException | IllegalStateException e) {
                notTaken(e);
            } finally {
                handing = null;
            }
            return refusal == null;
        }

        /** In the waiting room: whether it waits no longer, because it was taken or because it is given up. */
        boolean leaves() {
            if (closed) {
                complete(new Receipt.Failed(CLOSED));
                return true;
            }
            KafkaLine now = line;
            if (isTaken(now, now.bytesSent())) {
                return true;
            }
            TimeoutException last = Objects.requireNonNull(refusal);
            if (System.nanoTime() - since < patience(ErrorReceipts.told(last))) {
                return false;
            }
            complete(ErrorReceipts.notTaken(last, record.topic(), servers));
            return true;
        }

        private long patience(Exception told) {
            boolean unknownTopic = told instanceof UnknownTopicOrPartitionException;
            if (unknownTopic && topics != null && topics.create(record.topic())) {
                return timeout;
            }
            return unknownTopic || told instanceof AuthorizationException ? Math.min(NEWS, timeout) : timeout;
        }

        /** Called by the producer's own thread, or, when it does not take the record, by the one that hands it over. */
        @Override
        public void onCompletion(@Nullable RecordMetadata written, @Nullable Exception failure) {
            if (failure == null) {
                complete(new Receipt.Accepted(String.valueOf(written)));
            } else if (Thread.currentThread() == handing) {
                notTaken(failure);
            } else {
                complete(ErrorReceipts.givenUp(failure, usedLine.bytesSent() != sentBefore, servers));
                replaceIfFatal(failure);
            }
        }

        private void notTaken(Exception failure) {
            if (failure instanceof TimeoutException timedOut) {
                refusal = timedOut;
            } else {
                complete(
                        closed ? new Receipt.Failed(CLOSED) : ErrorReceipts.notTaken(failure, record.topic(), servers));
                replaceIfFatal(failure);
            }
        }

        private void replaceIfFatal(Exception failure) {
            if (ErrorReceipts.isFatal(failure)) {
                replace(usedLine);
            }
        }
    }

    /** Collects what a sender needs. Not thread-safe. */
    public static final class Builder {

        private final Map<String, String> properties;
        private @Nullable String topic;
        private Duration timeout = Duration.ofSeconds(5);
        private boolean create;

        private Builder(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
        }

        /** Where every message goes; by default each goes to its own topic. */
        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /**
         * How long an answer is waited for; 5 s by default. A topic that the producer must get to know first is waited for
         * as long once more.
         */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** Whether topics that are missing are created; not by default. */
        public Builder create(boolean create) {
            this.create = create;
            return this;
        }

        /**
         * Brokers that are down now are no error: messages fail until they are up.
         *
         * @throws BidaException when a property is missing or wrong
         */
        public KafkaSender open() {
            return new KafkaSender(this);
        }
    }
}
