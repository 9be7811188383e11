package io.bida.transport.rocketmq;

import io.bida.message.Message;
import io.bida.transport.PendingReceipts;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.rocketmq.TopicRoutes.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to RocketMQ, each by itself and without waiting for the others; the client's own repetitions are off.
 *
 * <p>An ordering key is always sent to the same queue: the key's hash over the topic's queues, in the order of broker name and
 * number. A try that was given up is not sent later by the client; what the broker may still get of it is a copy of a message
 * that its repetition precedes or follows directly, so the first arrivals of a key keep their order. When the queues of a
 * topic become more or fewer, keys move: what is still unread in a key's old queue may be read after what follows it. Change
 * their number while nothing is under way, or give the topic a fixed order of queues (RocketMQ's order topics), which holds
 * while a broker is gone as well.
 */
public final class RocketMqSender implements Sender {

    private final DefaultMQProducer producer;
    private final TopicRoutes routes;
    private final @Nullable String fixedTopic;
    private final Duration timeout;
    private final boolean replicated;
    private final PendingReceipts pending = new PendingReceipts();
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * @param producer is running, without repetitions, and closed with this sender
     * @param fixedTopic null: each message goes to its own topic
     * @param replicated whether {@code SLAVE_NOT_AVAILABLE} and {@code FLUSH_SLAVE_TIMEOUT} are less than accepted
     */
    RocketMqSender(
            DefaultMQProducer producer,
            TopicRoutes routes,
            @Nullable String fixedTopic,
            Duration timeout,
            boolean replicated) {
        this.producer = producer;
        this.routes = routes;
        this.fixedTopic = fixedTopic;
        this.timeout = timeout;
        this.replicated = replicated;
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> receipts = new ArrayList<>(messages.size());
        messages.forEach(message -> receipts.add(send(message)));
        return receipts;
    }

    /** Nothing that the broker answers from now on is told. */
    @Override
    public void close() {
        pending.close();
        routes.close();
        Clients.end(producer::shutdown);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the receipt is what counts
    private CompletionStage<Receipt> send(Message message) {
        CompletableFuture<Receipt> receipt = pending.open();
        String topic = fixedTopic == null ? message.topic() : fixedTopic;
        if (!TopicValidator.validateTopic(topic).isValid() || TopicValidator.isNotAllowedSendTopic(topic)) {
            receipt.complete(new Receipt.Rejected("'" + topic + "' is no RocketMQ topic, whose names are of at most 127"
                    + " letters, digits, _, - and %; give the transport a topic, or the messages another one."));
            return receipt;
        }
        CompletableFuture<Route> route = routes.of(topic);
        Route known = route.getNow(null);
        if (known != null) {
            begin(message, topic, known, receipt);
        } else {
            route.copy()
                    .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .exceptionally(late -> new Route.None(Receipts.noRoute(topic, late)))
                    .thenAccept(told -> begin(message, topic, told, receipt));
        }
        return receipt;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the receipt itself
    private void begin(Message message, String topic, Route route, CompletableFuture<Receipt> receipt) {
        if (route instanceof Route.None none) {
            receipt.complete(none.receipt());
        } else if (route instanceof Route.Queues known && !receipt.isDone()) {
            receipt.completeOnTimeout(
                    new Receipt.Unknown("No answer came within " + timeout.toMillis() + " ms."),
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            hand(message, topic, queue(message.orderingKey(), known.queues()), receipt);
        }
    }

    private MessageQueue queue(@Nullable String key, List<MessageQueue> queues) {
        int number = key == null ? turn.getAndIncrement() : key.hashCode();
        return queues.get(Math.floorMod(number, queues.size()));
    }

    private void hand(Message message, String topic, MessageQueue queue, CompletableFuture<Receipt> receipt) {
        try {
            producer.send(
                    RocketMqEvents.write(message, topic),
                    queue,
                    new SendCallback() {
                        @Override
                        public void onSuccess(SendResult result) {
                            receipt.complete(Receipts.of(result, replicated));
                        }

                        @Override
                        public void onException(Throwable failure) {
                            receipt.complete(Receipts.of(failure));
                        }
                    },
                    timeout.toMillis());
        } catch (MQClientException | RemotingException | RuntimeException e) {
            receipt.complete(Receipts.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            receipt.complete(new Receipt.Unknown("The thread that sent it was interrupted."));
        }
    }
}
