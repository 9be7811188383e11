package io.bida.transport.rocketmq;

import io.bida.message.BidaException;
import java.util.UUID;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/** Makes the client's producers and consumers as Bida needs them. */
final class Clients {

    private static final int SOON_MILLIS = 5_000;
    private static final int PULL_THREADS = 64;
    private static final int MOMENT_MILLIS = 500;

    private Clients() {}

    /** One that does not run yet and repeats nothing. */
    static DefaultMQProducer producer(Access access, String group, ClientProperties properties) {
        DefaultMQProducer producer = new DefaultMQProducer(group, access.hook());
        common(producer, access);
        properties.applyTo(producer);
        // It is repeated by whoever asked for the receipt; a repetition in here could overtake a later message.
        producer.setRetryTimesWhenSendFailed(0);
        producer.setRetryTimesWhenSendAsyncFailed(0);
        producer.setRetryAnotherBrokerWhenNotStoreOK(false);
        return producer;
    }

    /** Servers that cannot be reached are no error: the client goes on trying. */
    static void start(DefaultMQProducer producer) {
        try {
            producer.start();
        } catch (MQClientException e) {
            throw new BidaException("The RocketMQ producer cannot be started" + Receipts.why(e), e);
        }
    }

    /** One that does not run yet, and commits what it is told to. */
    static DefaultLitePullConsumer consumer(Access access, String group, ClientProperties properties) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group, access.hook());
        common(consumer, access);
        consumer.setHeartbeatBrokerInterval(SOON_MILLIS);
        // What was sent before the group was known is for it, too.
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        // Each queue's pull keeps a thread while it waits.
        consumer.setPullThreadNums(PULL_THREADS);
        properties.applyTo(consumer);
        consumer.setAutoCommit(false);
        return consumer;
    }

    /**
     * Ends a client, and waits a moment for it: it takes leave of the brokers first, and then joins a thread of its own that
     * looks up every three seconds only.
     */
    static void end(Runnable shutdown) {
        Thread end = new Thread(shutdown, "bida-rocketmq-end");
        end.setDaemon(true);
        end.start();
        try {
            end.join(MOMENT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Clients of one name would share their connections, and be taken for one member of a group. */
    private static void common(ClientConfig client, Access access) {
        client.setNamesrvAddr(access.nameServers());
        client.setInstanceName("bida-" + UUID.randomUUID());
        client.setPollNameServerInterval(SOON_MILLIS);
    }
}
