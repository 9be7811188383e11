package io.bida.transport.rocketmq;

import io.bida.testkit.RocketMqServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.topic.TopicValidator;

/** A client of the broker that does not know Bida. */
@SuppressWarnings("deprecation") // the plainest of its consumers, and the only way to topics without its tools
final class ForeignClient {

    private static final int MOST = 32;

    private final DefaultMQProducer producer;
    private final DefaultMQPullConsumer consumer;

    ForeignClient(RocketMqServer server) {
        Access access = new Access(server.nameServer(), server.user(), server.password());
        producer = Clients.producer(access, "foreign", new ClientProperties(Map.of(), "properties"));
        Clients.start(producer);
        consumer = new DefaultMQPullConsumer("foreign", access.hook());
        consumer.setNamesrvAddr(access.nameServers());
        consumer.setInstanceName("foreign");
        checked(() -> {
            consumer.start();
            return "";
        });
    }

    /** Creates a topic of a new name and another for its dead letters. */
    String createTopic(int queues) {
        String topic = "topic-" + UUID.randomUUID();
        create(topic, queues);
        create(topic + "_dead", 1);
        return topic;
    }

    void create(String topic, int queues) {
        checked(() -> {
            producer.createTopic(TopicValidator.RMQ_SYS_SELF_TEST_TOPIC, topic, queues, Map.of());
            return producer.fetchPublishMessageQueues(topic);
        });
    }

    void put(String topic, String text) {
        put(new Message(topic, text.getBytes(StandardCharsets.UTF_8)));
    }

    void put(Message message) {
        checked(() -> producer.send(message));
    }

    /** All that the topic has. */
    List<MessageExt> read(String topic) {
        return checked(() -> {
            List<MessageExt> all = new ArrayList<>();
            for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) {
                PullResult result = consumer.pull(queue, "*", 0, MOST);
                while (result.getPullStatus() == PullStatus.FOUND) {
                    all.addAll(result.getMsgFoundList());
                    result = consumer.pull(queue, "*", result.getNextBeginOffset(), MOST);
                }
            }
            return all;
        });
    }

    private static <T> T checked(Callable<T> call) {
        try {
            return call.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
