package io.bida.transport.rabbitmq;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to one exchange with publisher confirms: persistent, mandatory. Thread-safe.
 *
 * <p>Accepted means that the broker confirmed: each queue that the message was routed to has it on disk (a quorum queue: on
 * the disks of a majority), and there is at least one. Where no queue is bound, the queue refuses or the exchange is missing,
 * the message has failed.
 *
 * <p>Nothing is written again after its receipt was given, neither here nor in the client, whose recovery is off. What was
 * told unknown may still arrive once; until that message is accepted its key has no other under way, so what comes late can
 * only be a repetition.
 */
public final class RabbitMqSender implements Sender {

    private final Publisher publisher;
    private final String exchange;
    private final @Nullable String routingKey;

    private RabbitMqSender(Publisher publisher, String exchange, @Nullable String routingKey) {
        this.publisher = publisher;
        this.exchange = exchange;
        this.routingKey = routingKey;
    }

    /** @param url such as {@code amqp://127.0.0.1:5672} or {@code amqps://host/vhost}; several parted by commas */
    public static Builder to(String url) {
        return new Builder(url);
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>(messages.size());
        List<Letter> letters = new ArrayList<>(messages.size());
        List<Integer> places = new ArrayList<>(messages.size());
        for (Message message : messages) {
            try {
                letters.add(AmqpEvents.letter(message, exchange, routingKey == null ? message.topic() : routingKey));
                places.add(stages.size());
                stages.add(CompletableFuture.completedStage(new Receipt.Unknown("")));
            } catch (RefusedException e) {
                stages.add(CompletableFuture.completedStage(new Receipt.Rejected(String.valueOf(e.getMessage()))));
            }
        }
        Iterator<Integer> place = places.iterator();
        publisher.publish(letters).forEach(receipt -> stages.set(place.next(), receipt));
        return stages;
    }

    @Override
    public void close() {
        publisher.close();
    }

    /** Collects what a sender needs; its errors begin with the name of the option. Not thread-safe. */
    public static final class Builder {

        private final String url;
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable String exchange;
        private @Nullable String routingKey;
        private @Nullable String queue;
        private Map<String, String> properties = Map.of();
        private Duration timeout = Duration.ofSeconds(5);
        private String name = "rabbitmq";
        private boolean create;

        private Builder(String url) {
            this.url = url;
        }

        public Builder user(String user) {
            this.user = user;
            return this;
        }

        public Builder password(String password) {
            this.password = password;
            return this;
        }

        /** The default exchange when not given: its routing keys are names of queues. */
        public Builder exchange(String exchange) {
            this.exchange = exchange;
            return this;
        }

        /** The same for each message; its topic when not given. */
        public Builder routingKey(String routingKey) {
            this.routingKey = routingKey;
            return this;
        }

        /** Every message to this queue, through the default exchange. */
        public Builder queue(String queue) {
            this.queue = queue;
            return this;
        }

        /** Of connecting and of each answer; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** The client's own, such as {@code ssl.trust.store}, without the prefix {@code rabbitmq.}. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /** Creates the queue (quorum) or the exchange (topic) where it is missing; both are durable. */
        public Builder create(boolean create) {
            this.create = create;
            return this;
        }

        /** For logs, and for the broker's operators. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** Opens the sender; the connection is made when it is needed. */
        public RabbitMqSender open() {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new BidaException("timeout is " + timeout + "; it must be above zero.");
            }
            if (queue != null && (exchange != null || routingKey != null)) {
                throw new BidaException("queue is given, so exchange and routing-key have no place beside it.");
            }
            if (create && queue == null && exchange == null) {
                throw new BidaException("create needs a queue or an exchange that is to be created.");
            }
            BrokerAddress broker = BrokerAddress.of(url, user, password, properties, timeout);
            return new RabbitMqSender(
                    Publisher.open("bida " + name, broker, timeout, this::prepare),
                    exchange == null ? "" : exchange,
                    queue == null ? routingKey : queue);
        }

        private void prepare(Link link) throws IOException {
            if (create && queue != null) {
                Creation.queue(link, queue);
            }
            if (create && exchange != null && !exchange.isEmpty()) {
                Creation.exchange(link, exchange);
            }
        }
    }
}
