package io.bida.transport.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import io.bida.transport.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes to topics of an MQTT 5 broker with a durable session and gives their messages to an intake. Thread-safe.
 *
 * <ol>
 *   <li>The group's name is the client id. So the session, with the subscription and what waits, outlives this receiver and
 *       belongs to whoever comes next with that name. It never expires by itself.
 *   <li>No more than the window is given to the intake before something is acknowledged. Of what the broker sends beyond it
 *       some waits here; then nothing is read until there is room.
 *   <li>What has its verdict is acknowledged, in the order of arrival, as MQTT demands. A dead letter is published to
 *       another topic, and not acknowledged before the broker has kept it there for somebody.
 *   <li>When the connection is lost it opens another, for ever; the broker sends again what was not acknowledged, also what is
 *       still under way here.
 * </ol>
 *
 * A second receiver of the group takes the session over, and the first ends.
 */
public final class MqttReceiver implements Receiver {

    private static final Duration DRAIN = Duration.ofSeconds(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    /** So many windows may be here, and below so many it is read on. */
    private static final int MOST_WINDOWS = 4;

    private static final int FEW_WINDOWS = 2;

    private final Session session;
    private final DeadLetters deadLetters;
    private final Deliverer deliverer;
    private final int window;

    /** All that is not acknowledged, in the order of arrival. */
    private final Queue<Arrival> line = new ArrayDeque<>();

    private final Queue<Arrival> waiting = new ArrayDeque<>();
    private int unacknowledged;
    private boolean closing;

    private MqttReceiver(Session session, DeadLetters deadLetters, Deliverer deliverer, int window) {
        this.session = session;
        this.deadLetters = deadLetters;
        this.deliverer = deliverer;
        this.window = window;
        session.open(this::came);
    }

    /** @param url {@code mqtt://host:port}, or {@code mqtts:} for TLS */
    public static Builder from(String url) {
        return new Builder(url);
    }

    /** How many messages it has taken and not acknowledged. */
    public synchronized int unacknowledged() {
        return unacknowledged;
    }

    /**
     * Takes no more, and for a few seconds lets the intake have what came: as acknowledgements go in the order of arrival,
     * one that is left lets those behind it come again.
     */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
        }
        awaitWhileConnected(() -> deliverer.underWay() == 0);
        deliverer.close();
        awaitWhileConnected(() -> deadLetters.waiting() == 0);
        deadLetters.close();
        session.close();
    }

    private synchronized void came(Mqtt5Publish publish) {
        Arrival arrival = new Arrival(publish);
        line.add(arrival);
        waiting.add(arrival);
        begin();
        if (line.size() >= MOST_WINDOWS * window) {
            session.pause();
        }
    }

    /** What is not begun when this ends comes again. */
    private synchronized void begin() {
        while (unacknowledged < window && !closing && !session.isOver()) {
            Arrival next = waiting.poll();
            if (next == null) {
                return;
            }
            unacknowledged++;
            deliverer.deliver(MqttEvent.delivery(next.publish)).thenAccept(verdict -> judged(next, verdict));
        }
    }

    private void judged(Arrival arrival, Verdict verdict) {
        if (verdict instanceof Verdict.Done) {
            done(arrival);
        } else if (verdict instanceof Verdict.Dead dead) {
            deadLetters.keep(arrival.publish, dead.reason(), () -> done(arrival));
        }
    }

    private synchronized void done(Arrival arrival) {
        arrival.done = true;
        unacknowledged--;
        for (Arrival head = line.peek(); head != null && head.done; head = line.peek()) {
            head.publish.acknowledge();
            line.remove();
        }
        begin();
        if (line.size() <= FEW_WINDOWS * window) {
            session.resume();
        }
    }

    private void awaitWhileConnected(BooleanSupplier done) {
        long begin = System.nanoTime();
        try {
            while (!done.getAsBoolean() && session.isConnected() && System.nanoTime() - begin < DRAIN.toNanos()) {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One message that came, until it is acknowledged. */
    private static final class Arrival {

        private final Mqtt5Publish publish;
        private boolean done;

        Arrival(Mqtt5Publish publish) {
            this.publish = publish;
        }
    }

    /** Collects what a receiver needs; {@code topic}, {@code group} and {@code to} must be given. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private final String url;
        private @Nullable String user;
        private @Nullable String password;
        private Map<String, String> properties = Map.of();
        private Duration timeout = Duration.ofSeconds(5);
        private @Nullable String topic;
        private @Nullable String group;

        private Builder(String url) {
            super("It is no CloudEvent: the user property specversion is missing.");
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

        /** For TLS, as {@link MqttSenderFactory} names them. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /** How long connecting may take, and after how long a broker that says nothing is asked; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** A topic, or a filter with {@code +} and {@code #}. */
        public Builder topic(String filter) {
            this.topic = filter;
            return this;
        }

        /** The client id, so of one receiver only at the whole broker; who uses it again has the session. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /** Begins to receive; a broker that is down is waited for. */
        public MqttReceiver open() {
            MqttAddress address = MqttAddress.of(url, user, password, timeout, properties, UnaryOperator.identity());
            String filter = given("topic", topic);
            String name = given("group", group);
            String dead = deadLetterTopic(filter);
            Session session = new Session(address, name, filter);
            Deliverer deliverer = deliverer(
                            "bida-mqtt-" + name, others -> DeliveryReader.events(MqttEvent.BINDING, others))
                    .build();
            return new MqttReceiver(session, new DeadLetters(address, dead), deliverer, window());
        }

        private String deadLetterTopic(String topic) {
            try {
                MqttTopicFilter filter = MqttTopicFilter.of(topic);
                if (deadLetters() == null && filter.containsWildcards()) {
                    throw new BidaException(
                            "A receiver of '" + topic + "' needs deadLetters(...): a topic of its own.");
                }
                String dead = deadLettersOr(topic + ".dead");
                if (filter.matches(MqttTopic.of(dead))) {
                    throw new BidaException("deadLetters is '" + dead + "', which the receiver of '" + topic
                            + "' would receive again.");
                }
                return dead;
            } catch (IllegalArgumentException e) {
                throw new BidaException(
                        "topic is '" + topic + "', deadLetters is '" + deadLetters() + "': one is no topic of MQTT: "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
