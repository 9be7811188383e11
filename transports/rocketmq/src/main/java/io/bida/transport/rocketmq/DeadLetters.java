package io.bida.transport.rocketmq;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps dead letters in a topic of their own, one after another, and tries again until each is there. Thread-safe. */
final class DeadLetters implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Properties have 32 KB together. */
    private static final int LONGEST_REASON = 1_000;

    private final String topic;
    private final DefaultMQProducer producer;
    private final ScheduledThreadPoolExecutor keeper = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "bida-rocketmq-dead-letters");
        thread.setDaemon(true);
        return thread;
    });
    private final Outage outage = new Outage(LOG);
    private boolean running;

    /** @param producer is started when there is a first one, and closed with this */
    DeadLetters(String topic, DefaultMQProducer producer) {
        this.topic = topic;
        this.producer = producer;
    }

    /** @param kept is run when it is there durably; never when this is closed before */
    void keep(MessageExt message, String reason, Runnable kept) {
        execute(() -> attempt(message, reason, kept), Duration.ZERO);
    }

    @Override
    public void close() {
        keeper.shutdownNow();
        try {
            keeper.awaitTermination(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Clients.end(producer::shutdown);
    }

    private void attempt(MessageExt message, String reason, Runnable kept) {
        try {
            if (!running) {
                Clients.start(producer);
                running = true;
            }
            SendResult result =
                    producer.send(RocketMqEvents.deadLetter(message, topic, shortened(reason)), TIMEOUT.toMillis());
            // The other states say that it is there, and not yet at the replica: sent again it would be there twice.
            if (result.getSendStatus() != SendStatus.FLUSH_DISK_TIMEOUT) {
                outage.ended("dead letters are kept in topic " + topic + " again");
                kept.run();
                return;
            }
            notKept(message, ": " + result.getSendStatus());
        } catch (MQClientException | MQBrokerException | RemotingException | RuntimeException e) {
            notKept(message, Receipts.why(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        execute(() -> attempt(message, reason, kept), PAUSE);
    }

    private void notKept(MessageExt message, String why) {
        outage.goesOn("a dead letter (message " + message.getMsgId() + ", queue " + message.getQueueId() + ", offset "
                + message.getQueueOffset() + ") could not be kept in topic " + topic + why
                + "; it is not acknowledged, and tried again every " + PAUSE.toMillis()
                + " ms. Does the topic exist, and may this user write to it?");
    }

    @SuppressWarnings("FutureReturnValueIgnored") // attempts answer for themselves
    private void execute(Runnable attempt, Duration pause) {
        try {
            keeper.schedule(attempt, pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closing: it is not acknowledged, and comes again.
        }
    }

    /** As a property's value: without control characters, and not blank. */
    private static String shortened(String reason) {
        String line = reason.replaceAll("\\p{Cntrl}+", " ").strip();
        String some = line.isEmpty() ? "unknown" : line;
        return some.length() <= LONGEST_REASON ? some : some.substring(0, LONGEST_REASON);
    }
}
