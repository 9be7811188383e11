package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.message.Message;
import io.bida.transport.PendingReceipts;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages to an MQTT 5 broker with quality of service 1. Thread-safe.
 *
 * <ol>
 *   <li>{@link #send} publishes over the one connection without waiting; as many are under way as the broker's receive
 *       maximum allows, the client holds the others. The PUBACK's reason code gives the receipt.
 *   <li>When there is no connection, {@link #send} begins to open one, and what cannot be sent over it fails.
 *   <li>Each connection is a client of its own that starts clean and leaves no session: when it is lost, what it held is
 *       unknown, forgotten, and never sent again by itself.
 * </ol>
 *
 * So what was told to have failed never arrives later. A copy whose fate was unknown may arrive after the one that was sent
 * again: a duplicate behind its original, so that the order of first arrivals holds.
 */
public final class MqttSender implements Sender {

    private final MqttAddress address;
    private final @Nullable String topic;
    private final @Nullable String clientId;
    private final Duration timeout;
    private final PendingReceipts receipts = new PendingReceipts();
    private CompletableFuture<Mqtt5AsyncClient> connection;
    private boolean closed;

    /**
     * @param topic null: the message's own
     * @param clientId null: the broker makes one
     */
    MqttSender(MqttAddress address, @Nullable String topic, @Nullable String clientId, Duration timeout) {
        this.address = address;
        this.topic = topic;
        this.clientId = clientId;
        this.timeout = timeout;
        this.connection = connect();
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        CompletableFuture<Mqtt5AsyncClient> open = connection();
        List<CompletionStage<Receipt>> stages = new ArrayList<>(messages.size());
        messages.forEach(message -> stages.add(send(message, open)));
        return stages;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end of a connection
    public void close() {
        CompletableFuture<Mqtt5AsyncClient> last;
        synchronized (this) {
            closed = true;
            last = connection;
        }
        receipts.close();
        last.thenAccept(Mqtt5AsyncClient::disconnect);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // each ends in the receipt
    private CompletableFuture<Receipt> send(Message message, CompletableFuture<Mqtt5AsyncClient> open) {
        CompletableFuture<Receipt> receipt = receipts.open();
        Mqtt5Publish publish;
        try {
            publish = MqttEvent.publish(message, topic == null ? message.topic() : topic);
        } catch (IllegalArgumentException e) {
            receipt.complete(new Receipt.Rejected("MQTT has no place for it: " + e.getMessage()));
            return receipt;
        }
        open.whenComplete((client, failure) -> {
            if (failure != null) {
                receipt.complete(
                        Receipt.Failed.unavailable(address + " cannot be reached: " + failure.getMessage(), null));
            } else if (!receipt.isDone()) {
                client.publish(publish)
                        .whenComplete((result, refusal) ->
                                receipt.complete(PublishReceipts.receipt(address, result, refusal)));
            }
        });
        return receipt.completeOnTimeout(
                new Receipt.Unknown(address + " gave no answer within " + timeout.toMillis() + " ms."),
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** The one that is open or being opened; else another. */
    private synchronized CompletableFuture<Mqtt5AsyncClient> connection() {
        boolean lost = connection.isDone()
                && (connection.isCompletedExceptionally()
                        || !connection.join().getState().isConnected());
        if (lost && !closed) {
            connection = connect();
        }
        return connection;
    }

    private CompletableFuture<Mqtt5AsyncClient> connect() {
        var builder = address.client();
        Mqtt5AsyncClient client = (clientId == null ? builder : builder.identifier(clientId)).buildAsync();
        return client.connectWith()
                .cleanStart(true)
                .sessionExpiryInterval(0)
                .keepAlive(address.keepAlive())
                .send()
                .thenApply(acknowledged -> client);
    }
}
