package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.bida.transport.Deliverer;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import io.bida.transport.Verdict;
import io.nats.client.Message;
import io.nats.client.impl.AckType;
import io.nats.client.support.Validator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of a subject from the JetStream stream that has it, for one consumer group, and gives them to an intake.
 * Thread-safe.
 *
 * <p>The group is a durable consumer of that name. Of its receivers one is active; the server sees to that, as the consumer
 * delivers to one receiver's inbox and is given to another only when nobody listens there any more. The others stand by, and
 * take over with what was not acknowledged. So messages of a key are first handled in their order, through lost connections
 * and receivers that end in any way.
 */
public final class NatsReceiver implements Receiver {

    private final Deliverer deliverer;
    private final InHand inHand;
    private final NatsConsumer consumer;
    private final NatsDeadLetters deadLetters;
    private final NatsConnections connections;
    private volatile boolean closing;

    private NatsReceiver(NatsServers servers, NatsConsumer.Plan plan, String deadLetters, Deliverer deliverer) {
        this.deliverer = deliverer;
        this.deadLetters = new NatsDeadLetters(
                plan.group(), deadLetters, plan.timeout(), kept -> acknowledge(kept, AckType.AckTerm));
        this.inHand = new InHand(!plan.shared(), this::begin);
        this.consumer = new NatsConsumer(plan, inHand, this.deadLetters::publish, this::leaveAll);
        this.connections = new NatsConnections(plan.name(), servers, consumer);
        connections.start();
    }

    /** Begins a receiver from the servers of these URLs, with commas between them. */
    public static Builder from(String url) {
        return new Builder(url);
    }

    /** How many deliveries it has taken and not acknowledged. */
    public int unacknowledged() {
        return inHand.size();
    }

    @Override
    public void close() {
        closing = true;
        consumer.takeNoMore();
        handBackHeld();
        deliverer.close();
        consumer.flush();
        connections.close();
    }

    private void begin(Message message) {
        if (closing) {
            acknowledge(message, AckType.AckNak);
        } else {
            deliverer.deliver(NatsEvents.delivery(message)).thenAccept(verdict -> settle(message, verdict));
        }
    }

    private void settle(Message message, Verdict verdict) {
        if (verdict instanceof Verdict.Dead dead) {
            deadLetters.add(message, dead.reason());
        } else {
            acknowledge(message, verdict instanceof Verdict.Done ? AckType.AckAck : AckType.AckNak);
        }
    }

    private void acknowledge(Message message, AckType answer) {
        Message newest = inHand.remove(Position.of(message));
        consumer.answer(newest == null ? message : newest, answer);
    }

    private void handBackHeld() {
        inHand.held().forEach(held -> acknowledge(held, AckType.AckNak));
    }

    /** Another receiver of the group may have been given what is here: only what the intake has goes on. */
    private void leaveAll() {
        handBackHeld();
        deliverer.leave(delivery -> true);
        deadLetters.forget();
        inHand.forget();
    }

    /** Collects what a receiver needs. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private static final Duration SHORTEST_ACK_WAIT = Duration.ofMillis(500);

        private final String url;
        private @Nullable String user;
        private @Nullable String password;
        private @Nullable String subject;
        private @Nullable String group;
        private Duration ackWait = Duration.ofSeconds(10);
        private Duration timeout = Duration.ofSeconds(5);
        private Map<String, String> properties = Map.of();
        private boolean shared;
        private boolean create;

        private Builder(String url) {
            super("It is no event.");
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

        /** Whose messages to take; may have wildcards. */
        public Builder subject(String subject) {
            this.subject = subject;
            return this;
        }

        /** The consumer group: each message is for one of its receivers. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /**
         * After what time without a sign of life a delivery counts as lost, and is made again; so long a successor of a receiver
         * that was killed may have to wait. 10 s by default.
         */
        public Builder ackWait(Duration ackWait) {
            this.ackWait = ackWait;
            return this;
        }

        /** For an answer of the server; 5 s by default. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** The NATS client's own properties, such as {@code credential.path} or {@code token}. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /**
         * All receivers of the group are active at once, and messages of a key may overtake each other. All of them say so, or
         * none; the window is that of all together.
         */
        public Builder shared() {
            this.shared = true;
            return this;
        }

        /** Whether streams are created for the subject and for that of the dead letters where none has them; false by default. */
        public Builder create(boolean create) {
            this.create = create;
            return this;
        }

        /** Begins to receive; a server that is down now is waited for. */
        public NatsReceiver open() {
            String from = given("subject", subject);
            String of = checkedGroup(given("group", group));
            NatsServers servers = new NatsServers(url, user, password, timeout, properties);
            String dead = checkedDeadLetters(NatsSubjects.toTakeFrom(from));
            NatsConsumer.Plan plan = plan(from, of, create ? List.of(from, dead) : List.of());
            return new NatsReceiver(
                    servers,
                    plan,
                    dead,
                    deliverer(plan.name(), others -> DeliveryReader.events(NatsEvents.BINDING, others))
                            .build());
        }

        private NatsConsumer.Plan plan(String from, String of, List<String> created) {
            if (ackWait.compareTo(SHORTEST_ACK_WAIT) < 0) {
                throw new BidaException("ackWait is " + ackWait.toMillis() + " ms; it is "
                        + SHORTEST_ACK_WAIT.toMillis() + " ms at least.");
            }
            return new NatsConsumer.Plan(
                    "bida " + of + " of " + from, from, of, window(), ackWait, timeout, shared, created);
        }

        private static String checkedGroup(String group) {
            try {
                return Validator.validateDurable(group, true);
            } catch (IllegalArgumentException e) {
                throw new BidaException("'" + group + "' is no name of a consumer: " + e.getMessage(), e);
            }
        }

        private String checkedDeadLetters(String from) {
            String to = deadLettersOr(from + ".dead");
            if (NatsSubjects.hasWildcards(to) || NatsSubjects.takes(from, to)) {
                throw new BidaException("Dead letters of " + from + " cannot go to " + to
                        + ": name a subject without wildcards, which " + from + " does not take.");
            }
            return NatsSubjects.toSendTo(to);
        }
    }
}
