package io.bida.transport.rocketmq;

import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import io.bida.transport.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives a topic as one member of a consumer group, which shares the topic's queues among its members.
 *
 * <ol>
 *   <li>Messages are taken while fewer than the window are unacknowledged, and given to the intake by the {@link Deliverer}.
 *   <li>A queue's offset is committed up to its first message that is not done, a few times a second and at the end.
 *   <li>A queue that goes to another member is read there from the committed offset: some of its messages come twice, yet the
 *       first arrivals of a key keep their order, since nobody reads beyond what he or another has not handled.
 * </ol>
 *
 * Name servers and brokers that are down, now or later, are waited for. Thread-safe.
 */
public final class RocketMqReceiver implements Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(RocketMqReceiver.class);

    private static final String EVERYTHING = "*";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long FINISH_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long STUCK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(10).toNanos();

    private final String topic;
    private final DefaultLitePullConsumer consumer;
    private final Deliverer deliverer;
    private final DeadLetters deadLetters;
    private final int batch;
    private final Semaphore room;
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final GroupOffsets offsets;
    private final Thread reader;

    private RocketMqReceiver(
            String topic, int window, DefaultLitePullConsumer consumer, Deliverer deliverer, DeadLetters deadLetters) {
        this.topic = topic;
        this.consumer = consumer;
        this.deliverer = deliverer;
        this.deadLetters = deadLetters;
        this.offsets = new GroupOffsets(topic, consumer);
        this.batch = consumer.getPullBatchSize();
        this.room = new Semaphore(window);
        this.reader = new Thread(this::read, "bida-rocketmq " + topic);
        reader.setDaemon(true);
        reader.start();
    }

    /** @param nameServers {@code host:port}, several parted by semicolons */
    public static Builder from(String nameServers) {
        return new Builder(nameServers);
    }

    /** How many deliveries it has taken and not acknowledged. */
    public int unacknowledged() {
        return unacknowledged.get();
    }

    @Override
    public void close() {
        if (closing.getCount() == 0) {
            return;
        }
        closing.countDown();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        finish();
        deliverer.close();
        deadLetters.close();
        offsets.commit();
        Clients.end(consumer::shutdown);
    }

    /**
     * A message that is left would have those that are handled behind it in its queue delivered once more; so all that were
     * taken are waited for, while there is progress.
     */
    private void finish() {
        long begin = System.nanoTime();
        long progress = begin;
        int left = unacknowledged.get();
        while (left > 0 && System.nanoTime() - begin < FINISH_NANOS && System.nanoTime() - progress < STUCK_NANOS) {
            try {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN_NANOS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            int now = unacknowledged.get();
            progress = now < left ? System.nanoTime() : progress;
            left = now;
        }
    }

    private void read() {
        join();
        while (closing.getCount() > 0) {
            try {
                offsets.commitNowAndThen();
                take();
            } catch (InterruptedException e) {
                return; // Nobody but the JVM's end does that.
            } catch (RuntimeException e) {
                LOG.error("RocketMQ: reading topic {} failed, and goes on.", topic, e);
            }
        }
    }

    /** Told once more, now that the route is known, the brokers share the queues anew at once. */
    private void join() {
        try {
            consumer.subscribe(topic, EVERYTHING);
        } catch (MQClientException | RuntimeException e) {
            LOG.debug("RocketMQ: the brokers of topic {} are told later.", topic, e);
        }
    }

    private void take() throws InterruptedException {
        if (!room.tryAcquire(batch, POLL.toNanos(), TimeUnit.NANOSECONDS)) {
            return;
        }
        int taken = 0;
        try {
            for (MessageExt message : consumer.poll(POLL.toMillis())) {
                taken++;
                unacknowledged.incrementAndGet();
                deliver(message);
            }
        } finally {
            room.release(batch - taken);
        }
    }

    private void deliver(MessageExt message) {
        QueueProgress queue = offsets.of(message);
        queue.taken(message.getQueueOffset());
        deliverer.deliver(RocketMqEvents.delivery(message)).thenAccept(verdict -> judged(verdict, message, queue));
    }

    private void judged(Verdict verdict, MessageExt message, QueueProgress queue) {
        if (verdict instanceof Verdict.Done) {
            done(message, queue);
        } else if (verdict instanceof Verdict.Dead dead) {
            deadLetters.keep(message, dead.reason(), () -> done(message, queue));
        }
    }

    private void done(MessageExt message, QueueProgress queue) {
        queue.done(message.getQueueOffset());
        unacknowledged.decrementAndGet();
        room.release();
    }

    /** Collects what a receiver needs and says which part is missing. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private static final int MOST_AT_A_TIME = 32;

        private final String nameServers;
        private @Nullable String user;
        private @Nullable String password;
        private String topic = "";
        private String group = "";
        private Map<String, String> properties = Map.of();

        private Builder(String nameServers) {
            super("It is no CloudEvent, and nothing was told to read other messages.");
            this.nameServers = nameServers;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Access key and secret key; without, requests are not signed. */
        public Builder user(String user, String password) {
            this.user = user;
            this.password = password;
            return this;
        }

        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /** The consumer group. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /** Further properties of the client's {@code DefaultLitePullConsumer}, by their own names. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /** Begins to receive; wrong settings are told at once, servers that are down are waited for. */
        public RocketMqReceiver open() {
            Access access = new Access(nameServers, user, password);
            String dead = deadLettersOr(topic + "_dead");
            checkTopic("topic", topic);
            checkTopic("deadLetters", dead);
            if (!TopicValidator.validateGroup(group).isValid()) {
                throw new BidaException("group is '" + group
                        + "', which is no RocketMQ group; 1 to 120 letters, digits, _," + " - and % are allowed.");
            }
            Deliverer.Builder deliverer = deliverer("bida-rocketmq " + topic, RocketMqEvents::reader);
            ClientProperties given = new ClientProperties(properties, "properties");
            DefaultLitePullConsumer consumer = Clients.consumer(access, group, given);
            consumer.setPullBatchSize(Math.min(MOST_AT_A_TIME, Math.max(1, window() / 2)));
            start(consumer);
            DeadLetters keeper = new DeadLetters(dead, Clients.producer(access, "bida-dead-letters", given.common()));
            return new RocketMqReceiver(topic, window(), consumer, deliverer.build(), keeper);
        }

        /** Servers that are down are no error to the client either. */
        private void start(DefaultLitePullConsumer consumer) {
            try {
                consumer.subscribe(topic, EVERYTHING);
                consumer.start();
            } catch (MQClientException e) {
                throw new BidaException("The receiver of topic " + topic + " cannot be started" + Receipts.why(e), e);
            }
        }

        private static void checkTopic(String name, String topic) {
            if (!TopicValidator.validateTopic(topic).isValid()) {
                throw new BidaException(name + " is '" + topic
                        + "', which is no RocketMQ topic; 1 to 127 letters, digits, _, - and % are allowed.");
            }
        }
    }
}
