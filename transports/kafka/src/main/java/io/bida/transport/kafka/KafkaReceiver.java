package io.bida.transport.kafka;

import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the messages of a topic as a member of a consumer group, and gives them to an {@link Intake}. Any number of receivers
 * share the partitions of the group, and first arrivals of a key keep their order whatever member has them. Thread-safe.
 *
 * <p>An offset is committed when all before it are handled or kept as dead letters; which of those behind it are so too is
 * noted with it, so that they are not given again. A message that waits to be tried again holds up its key, not its
 * partition, until the window is full of what waits, or more are done behind it than the note holds (16,000).
 *
 * <p>Records that a producer's transaction wrote are taken once it has committed. A new group begins with the oldest record.
 */
public final class KafkaReceiver implements Receiver {

    private static final Logger log = LoggerFactory.getLogger(KafkaReceiver.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Set<String> DECIDED = Set.of(
            "group.id",
            "enable.auto.commit",
            "allow.auto.create.topics",
            "max.poll.records",
            "key.deserializer",
            "value.deserializer");

    private final Map<String, Object> properties;
    private final String servers;
    private final String topic;
    private final String group;
    private final int window;
    private final int batch;
    private final @Nullable Topics topics;
    private final String deadTopic;
    private final DeadLetters deadLetters;
    private final Deliverer deliverer;
    private final Thread thread;
    private boolean failing;
    private volatile boolean closed;
    private volatile int unacknowledged;

    private KafkaReceiver(Builder builder, String topic, String group) {
        ClientProperties given = ClientProperties.of(builder.properties, DECIDED);
        this.servers = given.servers();
        this.topic = topic;
        this.group = group;
        this.window = builder.unacknowledged();
        this.batch = Math.max(1, window / 4);
        this.properties = consumerProperties(given, group, batch);
        Consumer<byte[], byte[]> first = consumer();
        ClientProperties shared = given.ofNoKind();
        this.topics = builder.create ? new Topics(shared.complete(Map.of(), Map.of())) : null;
        this.deadTopic = builder.deadTopic(topic);
        this.deadLetters = new DeadLetters(deadTopic, shared);
        this.deliverer = builder.deliverer(group);
        this.thread = new Thread(() -> run(first), "bida-kafka-receiver-" + group);
        thread.setDaemon(true);
        thread.start();
    }

    /** @param properties the Kafka consumer's own; {@code bootstrap.servers} at least */
    public static Builder from(Map<String, String> properties) {
        return new Builder(properties);
    }

    /** How many messages it has taken whose offsets are not committed. */
    public int unacknowledged() {
        return unacknowledged;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Consumer<byte[], byte[]> first) {
        receive(() -> first);
        while (!closed) {
            pause();
            receive(this::consumer);
        }
        end();
    }

    /** Until this is closed, or the consumer fails. */
    private void receive(Supplier<Consumer<byte[], byte[]>> consumer) {
        try (GroupMember member = new GroupMember(consumer.get(), deliverer, deadLetters, window, batch)) {
            awaitTopics();
            member.join(topic);
            receive(member);
            end();
        } catch (RuntimeException e) {
            fail(e);
        }
        deliverer.leave(delivery -> true);
        unacknowledged = 0;
    }

    /** What the intake has is waited for, and then committed by who leaves the group. */
    private void end() {
        deliverer.close();
        deadLetters.close();
    }

    private void receive(GroupMember member) {
        while (!closed) {
            member.turn();
            unacknowledged = member.notCommitted();
            if (failing && member.isAssigned()) {
                failing = false;
                log.info("kafka: the receiver of {} for group {} goes on", topic, group);
            }
        }
    }

    private void fail(RuntimeException e) {
        if (!failing) {
            log.warn(
                    "kafka: the receiver of {} for group {} at {} begins anew every {} s until it succeeds; nothing is lost: {}",
                    topic,
                    group,
                    servers,
                    PAUSE.toSeconds(),
                    e.toString());
        }
        failing = true;
    }

    private void awaitTopics() {
        while (topics != null && !closed && !topics.create(topic, deadTopic)) {
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        return ClientProperties.open(
                "consumer",
                properties,
                all -> new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    private static Map<String, Object> consumerProperties(ClientProperties given, String group, int batch) {
        Map<String, Object> preferred = new HashMap<>(Map.of(
                "auto.offset.reset", "earliest",
                "isolation.level", "read_committed",
                "reconnect.backoff.max.ms", 500));
        if (!given.has("group.protocol")) {
            // What stays with a member goes on while the others' partitions move.
            preferred.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        }
        return given.complete(
                preferred,
                Map.of(
                        "group.id",
                        group,
                        "enable.auto.commit",
                        false,
                        "allow.auto.create.topics",
                        false,
                        "max.poll.records",
                        batch));
    }

    /** Collects what a receiver needs. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private final Map<String, String> properties;
        private @Nullable String topic;
        private @Nullable String group;
        private boolean create;

        private Builder(Map<String, String> properties) {
            super("It is no CloudEvent in the binary mode.");
            this.properties = Map.copyOf(properties);
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Required. */
        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /** The consumer group; required. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /** Whether the topic and that of its dead letters are created when they are missing; not by default. */
        public Builder create(boolean create) {
            this.create = create;
            return this;
        }

        /**
         * Begins to receive; brokers that are down are waited for.
         *
         * @throws BidaException when something is missing, or the Kafka consumer does not take its properties
         */
        public KafkaReceiver open() {
            return new KafkaReceiver(this, given("topic", topic), given("group", group));
        }

        private int unacknowledged() {
            return window();
        }

        private String deadTopic(String topic) {
            return deadLettersOr(topic + ".dead");
        }

        private Deliverer deliverer(String group) {
            return deliverer(
                            "bida-kafka-receiver-" + group,
                            others -> DeliveryReader.events(KafkaEvents.BINDING, others))
                    .build();
        }
    }
}
