package io.bida.transport.kafka;

import io.bida.message.BidaException;
import io.bida.message.RefusedException;
import io.bida.transport.Deliverer;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.Redelivery;
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
 * partition, until as many are behind it as the window allows.
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

    private KafkaReceiver(Builder builder, String topic, String group, Intake intake) {
        ClientProperties given = ClientProperties.of(builder.properties, DECIDED);
        this.servers = given.servers();
        this.topic = topic;
        this.group = group;
        this.window = builder.window;
        this.batch = Math.max(1, window / 4);
        this.properties = consumerProperties(given, group, batch);
        Consumer<byte[], byte[]> first = consumer();
        ClientProperties shared = given.ofNoKind();
        this.topics = builder.create ? new Topics(shared.complete(Map.of(), Map.of())) : null;
        this.deadTopic = builder.deadLetters == null ? topic + ".dead" : builder.deadLetters;
        this.deadLetters = new DeadLetters(deadTopic, shared);
        this.deliverer = Deliverer.to(intake, DeliveryReader.events(KafkaEvents.BINDING, builder.others))
                .name("bida-kafka-receiver-" + group)
                .concurrency(builder.concurrency)
                .redelivery(builder.redelivery)
                .build();
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
    public static final class Builder {

        private final Map<String, String> properties;
        private @Nullable String topic;
        private @Nullable String group;
        private @Nullable Intake intake;
        private DeliveryReader others = delivery -> {
            throw new RefusedException("It is no CloudEvent in the binary mode.");
        };
        private int window = 500;
        private int concurrency = 8;
        private Redelivery redelivery = Redelivery.DEFAULT;
        private @Nullable String deadLetters;
        private boolean create;

        private Builder(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
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

        /** Called from several threads; required. */
        public Builder to(Intake intake) {
            this.intake = intake;
            return this;
        }

        /** Reads what is no CloudEvent; without it that is a dead letter. */
        public Builder others(DeliveryReader others) {
            this.others = others;
            return this;
        }

        /** How many messages may be taken and not committed; 500 by default. */
        public Builder window(int window) {
            if (window < 1) {
                throw new BidaException("window is " + window + ": a whole number from 1 is expected.");
            }
            this.window = window;
            return this;
        }

        /** How many messages the intake is given at a time; 8 by default. */
        public Builder concurrency(int concurrency) {
            this.concurrency = concurrency;
            return this;
        }

        /** {@link Redelivery#DEFAULT} by default. */
        public Builder redelivery(Redelivery redelivery) {
            this.redelivery = redelivery;
            return this;
        }

        /** The topic for what can never be handled; by default that of the messages with {@code .dead} behind it. */
        public Builder deadLetters(String topic) {
            this.deadLetters = topic;
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
            return new KafkaReceiver(
                    this, required("topic", topic), required("group", group), required("intake", intake));
        }

        private static <T> T required(String what, @Nullable T value) {
            if (value == null) {
                throw new BidaException("A receiver needs a " + what + ".");
            }
            return value;
        }
    }
}
