package io.bida.transport.rocketmq;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a consumer group has handled of a topic's queues, as the brokers know it and as this member does. */
final class GroupOffsets {

    private static final Logger LOG = LoggerFactory.getLogger(GroupOffsets.class);

    private static final long COMMIT_NANOS = Duration.ofMillis(300).toNanos();
    private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long PROBE_NANOS = Duration.ofSeconds(5).toNanos();

    private final String topic;
    private final DefaultLitePullConsumer consumer;
    private final Map<String, QueueProgress> queues = new ConcurrentHashMap<>();
    /** Brokers that did not answer, and until when they are not asked. */
    private final Map<String, Long> silent = new HashMap<>();

    private final Outage outage = new Outage(LOG);
    private long lastCommit = System.nanoTime();
    private long lastProbe = System.nanoTime() - PROBE_NANOS;

    GroupOffsets(String topic, DefaultLitePullConsumer consumer) {
        this.topic = topic;
        this.consumer = consumer;
    }

    /** Of the message's queue. */
    QueueProgress of(MessageExt message) {
        return queues.computeIfAbsent(name(message.getBrokerName(), message.getQueueId()), name -> new QueueProgress());
    }

    /** Called by one thread at a time, as is {@link #commit}. */
    void commitNowAndThen() {
        if (System.nanoTime() - lastCommit >= COMMIT_NANOS) {
            commit();
            lastCommit = System.nanoTime();
        }
    }

    /** Only what is its own: the next owner of another queue knows better. */
    void commit() {
        try {
            boolean any = false;
            for (MessageQueue queue : consumer.assignment()) {
                any = true;
                QueueProgress progress = queues.get(name(queue.getBrokerName(), queue.getQueueId()));
                if (progress != null) {
                    commit(queue, progress);
                }
            }
            if (!any) {
                probe();
            }
        } catch (MQClientException | RuntimeException e) {
            notCommitted(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A broker that does not answer keeps none from being committed to the others, and is asked again after a pause. */
    private void commit(MessageQueue queue, QueueProgress progress) throws InterruptedException, MQClientException {
        long position = progress.position();
        if (progress.isCommitted(position) || isPaused(queue)) {
            return;
        }
        try {
            // The client's own memory first, from which it commits when the queue goes to another.
            consumer.commit(Map.of(queue, position), false);
            consumer.getOffsetStore().updateConsumeOffsetToBroker(queue, position, false);
            progress.committed(position);
            silent.remove(queue.getBrokerName());
            outage.ended("topic " + topic + " is received again");
        } catch (MQClientException | MQBrokerException | RemotingException | RuntimeException e) {
            silent.put(queue.getBrokerName(), System.nanoTime() + PAUSE_NANOS);
            notCommitted(e);
        }
    }

    private boolean isPaused(MessageQueue queue) {
        Long until = silent.get(queue.getBrokerName());
        return until != null && System.nanoTime() - until < 0;
    }

    private void notCommitted(Exception e) {
        outage.goesOn("what is handled of topic " + topic + " could not be committed" + Receipts.why(e)
                + "; it is tried again, and until then those messages may be delivered once more");
    }

    /** Without a queue there is nothing to hear from; so it asks whether the topic can be found at all. */
    private void probe() {
        if (System.nanoTime() - lastProbe < PROBE_NANOS) {
            return;
        }
        lastProbe = System.nanoTime();
        try {
            consumer.fetchMessageQueues(topic);
            outage.ended("topic " + topic + " is found");
        } catch (MQClientException | RuntimeException e) {
            outage.goesOn("topic " + topic + " is not found" + Receipts.why(e) + "; it is waited for");
        }
    }

    private static String name(String broker, int queue) {
        return broker + '/' + queue;
    }
}
