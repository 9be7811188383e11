package io.bida.transport.rocketmq;

import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;

/**
 * Which queues a topic has, as the name server tells: asked once for all who want to know, and again, beside the road, after
 * a while. What was known is kept while the name server does not answer. Thread-safe.
 */
final class TopicRoutes implements AutoCloseable {

    private static final long FRESH_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long FAILURE_NANOS = Duration.ofMillis(500).toNanos();

    /** The topic's queues, or why it has none now. */
    sealed interface Route {

        record Queues(List<MessageQueue> queues) implements Route {}

        record None(Receipt receipt) implements Route {}
    }

    private final DefaultMQProducer producer;
    private final int queuesOfNewTopics;
    private final Map<String, Question> questions = new ConcurrentHashMap<>();
    private final ExecutorService lookups = Executors.newFixedThreadPool(2, work -> {
        Thread thread = new Thread(work, "bida-rocketmq-routes");
        thread.setDaemon(true);
        return thread;
    });

    /** @param queuesOfNewTopics 0: a topic that is not there is not created */
    TopicRoutes(DefaultMQProducer producer, int queuesOfNewTopics) {
        this.producer = producer;
        this.queuesOfNewTopics = queuesOfNewTopics;
    }

    /** Never blocks; what it returns never completes exceptionally. */
    CompletableFuture<Route> of(String topic) {
        return questions
                .compute(topic, (name, last) -> last == null || last.isOver() ? ask(name, last) : last)
                .answer();
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }

    private Question ask(String topic, @Nullable Question last) {
        Route.Queues before = last == null ? null : last.queues();
        CompletableFuture<Route> answer = new CompletableFuture<>();
        try {
            lookups.execute(() -> answer.complete(looked(topic, before)));
        } catch (RejectedExecutionException e) {
            answer.complete(new Route.None(new Receipt.Failed("It was not sent: the sender is closed.")));
        }
        return new Question(before, answer, System.nanoTime());
    }

    private Route looked(String topic, Route.@Nullable Queues before) {
        try {
            return new Route.Queues(producer.fetchPublishMessageQueues(topic));
        } catch (MQClientException | RuntimeException e) {
            if (before != null) {
                return before;
            }
            return Receipts.responseCode(e) == ResponseCode.TOPIC_NOT_EXIST
                    ? notThere(topic)
                    : new Route.None(Receipts.noRoute(topic, e));
        }
    }

    @SuppressWarnings("deprecation") // the other way is the administrators' library
    private Route notThere(String topic) {
        if (queuesOfNewTopics == 0) {
            return new Route.None(
                    new Receipt.Failed("There is no topic " + topic + "; create it, or set create: true."));
        }
        try {
            // A topic that every broker has, and so leads to all of them.
            producer.createTopic(TopicValidator.RMQ_SYS_SELF_TEST_TOPIC, topic, queuesOfNewTopics, null);
            return new Route.Queues(producer.fetchPublishMessageQueues(topic));
        } catch (MQClientException | RuntimeException e) {
            return new Route.None(new Receipt.Failed("The topic " + topic + " could not be created" + Receipts.why(e)));
        }
    }

    /**
     * @param before what is answered meanwhile; null: nothing
     * @param asked completes with the name server's answer
     */
    private record Question(Route.@Nullable Queues before, CompletableFuture<Route> asked, long since) {

        CompletableFuture<Route> answer() {
            return asked.isDone() || before == null ? asked : CompletableFuture.completedFuture(before);
        }

        Route.@Nullable Queues queues() {
            return asked.getNow(before) instanceof Route.Queues queues ? queues : null;
        }

        boolean isOver() {
            long lifetime = queues() == null ? FAILURE_NANOS : FRESH_NANOS;
            return asked.isDone() && System.nanoTime() - since > lifetime;
        }
    }
}
