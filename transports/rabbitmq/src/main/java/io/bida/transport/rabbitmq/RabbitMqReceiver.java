package io.bida.transport.rabbitmq;

import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives from one queue. Thread-safe.
 *
 * <ol>
 *   <li>The broker delivers at most {@code window} messages that are not acknowledged.
 *   <li>Each is acknowledged when its fate is durable. A dead one is published to the queue of dead letters first, and the
 *       broker has confirmed it.
 *   <li>When the connection is lost, what is not acknowledged goes back to its old place in the queue. What this receiver has
 *       begun is waited for before it connects again, so messages of a key are not handled twice at once.
 *   <li>When it is closed it takes no more, finishes what the intake has, acknowledges, and leaves the rest in the queue.
 * </ol>
 *
 * Messages of a key come in the order of the queue to one receiver at a time. Several receivers of one queue share its
 * messages regardless of keys: declare the queue with {@code x-single-active-consumer}, or give each receiver a queue of its
 * own behind a consistent-hash exchange.
 */
public final class RabbitMqReceiver implements Receiver {

    private static final Logger log = LoggerFactory.getLogger(RabbitMqReceiver.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final String name;
    private final String queue;
    private final int window;
    private final BrokerAddress broker;
    private final Supplier<Deliverer> deliverers;
    private final Publisher.Setup setup;
    private final DeadLetters deadLetters;
    private final Outage outage;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Reception reception;

    private RabbitMqReceiver(Builder options, BrokerAddress broker, Supplier<Deliverer> deliverers) {
        this.queue = options.queue;
        this.name = "bida receiver of " + queue;
        this.window = options.prefetch();
        this.broker = broker;
        this.deliverers = deliverers;
        this.setup = options::prepare;
        this.deadLetters = new DeadLetters(
                options.deadQueue(),
                Publisher.open(name + ", dead letters", broker, options.timeout, setup),
                options.timeout);
        this.outage = new Outage(log, name);
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    /** @param url such as {@code amqp://127.0.0.1:5672} or {@code amqps://host/vhost}; several parted by commas */
    public static Builder from(String url) {
        return new Builder(url);
    }

    /** How many messages were delivered and are not acknowledged. */
    public int unacknowledged() {
        Reception present = reception;
        return present == null ? 0 : present.unacknowledged();
    }

    @Override
    public void close() {
        closing.countDown();
        Reception present = reception;
        if (present != null) {
            present.end();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadLetters.close();
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        do {
            try {
                receive();
                pause = FIRST_PAUSE;
            } catch (IOException | TimeoutException | RuntimeException e) {
                outage.failed(broker.shown() + ": " + Reasons.of(e), "It is tried again until it is there.");
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        } while (!isClosing(pause));
    }

    private void receive() throws IOException, TimeoutException {
        Link link = broker.open(name);
        try (Reception opened = reception(link)) {
            setup.prepare(link);
            opened.begin(window);
            reception = opened;
            outage.over();
            if (isClosing(Duration.ZERO)) {
                return;
            }
            String lost = opened.awaitEnd();
            if (!isClosing(Duration.ZERO)) {
                outage.failed(broker.shown() + ": " + lost, "What is not acknowledged will be delivered again.");
            }
        }
    }

    private Reception reception(Link link) throws IOException {
        try {
            return new Reception(link, queue, link.channel(), deliverers.get(), deadLetters);
        } catch (IOException | RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private boolean isClosing(Duration patience) {
        try {
            return closing.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Collects what a receiver needs and says what is missing. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private static final int MOST_PREFETCH = 65_535;

        private final String url;
        private @Nullable String user;
        private @Nullable String password;
        private Map<String, String> properties = Map.of();
        private Duration timeout = Duration.ofSeconds(5);
        private boolean create;

        private String queue = "";

        private Builder(String url) {
            super("It is no event: it has no header cloudEvents_specversion.");
            this.url = url;
        }

        @Override
        protected Builder self() {
            return this;
        }

        public Builder user(String user) {
            this.user = user;
            return this;
        }

        public Builder password(String password) {
            this.password = password;
            return this;
        }

        public Builder queue(String queue) {
            this.queue = queue;
            return this;
        }

        /** Of connecting and of an answer; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** The client's own, such as {@code ssl.trust.store}, without the prefix {@code rabbitmq.}. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /** Creates both queues where they are missing, as durable quorum queues. */
        public Builder create(boolean create) {
            this.create = create;
            return this;
        }

        /** Begins to receive; a broker that is down is waited for. */
        public RabbitMqReceiver open() {
            if (window() > MOST_PREFETCH) {
                throw new BidaException(
                        "window is " + window() + "; RabbitMQ knows whole numbers from 1 to " + MOST_PREFETCH + ".");
            }
            String name = given("queue", queue.isEmpty() ? null : queue);
            RabbitMqReceiver receiver = new RabbitMqReceiver(
                    this,
                    BrokerAddress.of(url, user, password, properties, timeout),
                    deliverer(name, AmqpEvents::reader)::build);
            receiver.thread.start();
            return receiver;
        }

        private void prepare(Link link) throws IOException {
            if (create) {
                Creation.queue(link, queue);
                Creation.queue(link, deadQueue());
            }
        }

        private int prefetch() {
            return window();
        }

        private String deadQueue() {
            return deadLettersOr(queue + ".dead");
        }
    }
}
