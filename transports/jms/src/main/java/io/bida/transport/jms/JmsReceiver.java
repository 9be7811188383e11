package io.bida.transport.jms;

import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of a queue, or of a topic's shared durable subscription, and gives them to an intake; connects again for
 * ever. Thread-safe.
 *
 * <p>With Artemis, ActiveMQ Classic and Qpid JMS each message is acknowledged by itself, after its verdict. With other
 * providers transactions of up to 100 messages are committed when each has its verdict; there, a message that is tried again
 * and again holds up the others.
 *
 * <p>Any number of receivers share a queue. Messages of one ordering key go to one of them at a time where the provider has
 * message groups ({@code JMSXGroupID}), as Artemis and ActiveMQ Classic do; elsewhere one receiver at a time keeps the order.
 */
public final class JmsReceiver implements Receiver {

    private static final Duration TIDY = Duration.ofSeconds(5);

    private final Deliverer deliverer;
    private final ReceivingThread thread;

    private JmsReceiver(Builder options, String channel) {
        deliverer = options.deliverer(channel);
        thread = new ReceivingThread(options, channel, deliverer);
        thread.start();
    }

    /** Begins a receiver over connections of this factory. */
    public static Builder from(ConnectionFactory factory) {
        return new Builder(factory);
    }

    /** How many messages it has taken and not acknowledged. */
    public int unacknowledged() {
        return thread.unacknowledged();
    }

    @Override
    public void close() {
        thread.takeNoMore();
        deliverer.close();
        thread.finish();
        try {
            thread.join(TIDY.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    /** Collects what a receiver needs and says which part is missing. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        final ConnectionFactory factory;

        @Nullable String user;

        @Nullable String password;

        @Nullable String queue;

        @Nullable String topic;

        @Nullable String group;

        @Nullable Integer acknowledgeMode;

        private Builder(ConnectionFactory factory) {
            super("It is no event: it has no property cloudEvents_specversion.");
            this.factory = factory;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** Without it, the factory's own. */
        public Builder login(String user, String password) {
            this.user = user;
            this.password = password;
            return this;
        }

        public Builder queue(String queue) {
            this.queue = queue;
            return this;
        }

        /** The durable subscription of {@link #group}, which is made when it is not there, and any number of receivers share. */
        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /** The name of a topic's subscription; a queue has none. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /**
         * The number by which the provider knows sessions whose messages are acknowledged one by one; where it is not given
         * and the provider not known, sessions are transacted.
         */
        public Builder acknowledgeMode(int mode) {
            this.acknowledgeMode = mode;
            return this;
        }

        /** Starts to receive; a broker that is down is waited for. */
        public JmsReceiver open() {
            if (topic != null && group == null) {
                throw new BidaException("The receiver of the topic " + topic
                        + " has no group, by which its subscription is named: group(...) is missing.");
            }
            String channel = queue == null ? topic : queue;
            if (channel == null || (queue != null && topic != null)) {
                throw new BidaException("The receiver takes from one queue or one topic: give either.");
            }
            return new JmsReceiver(this, channel);
        }

        int mostUnacknowledged() {
            return window();
        }

        String deadQueue() {
            return deadLettersOr((queue == null ? topic : queue) + ".dead");
        }

        private Deliverer deliverer(String channel) {
            return deliverer("bida-jms-intake of " + channel, JmsEvents::reader).build();
        }
    }
}
