package io.bida.transport.nats;

import io.bida.message.BidaException;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.impl.AckType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The durable consumer of a group on the server, as one of the group's receivers sees it. Thread-safe. */
final class NatsConsumer implements NatsConnections.Use {

    private static final Logger log = LoggerFactory.getLogger(NatsConsumer.class);

    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final int SILENT_HEARTBEATS = 3;

    /** So long a predecessor may still be busy, and after that so many times what it left may be lost on the way. */
    private static final Duration BUSY = Duration.ofSeconds(20);

    private static final int MISSED_ACK_WAITS = 3;
    private static final int NAME_IN_USE = 10013;
    private static final int NOT_FOUND = 10014;

    /**
     * What the server is asked for.
     *
     * @param name of the receiver, for the log
     * @param window how many deliveries are unacknowledged at most
     * @param ackWait after what time without a sign of life it delivers again
     * @param shared whether several receivers are active at once
     * @param created subjects for which a stream is created where none has them
     */
    record Plan(
            String name,
            String subject,
            String group,
            int window,
            Duration ackWait,
            Duration timeout,
            boolean shared,
            List<String> created) {}

    private final Plan plan;
    private final InHand inHand;
    private final Consumer<Connection> eachTick;
    private final Runnable superseded;

    /**
     * Where the server delivers to: of this receiver, whatever the connection, so that one that comes back is not taken for
     * another; or of all receivers that share.
     */
    private final String inbox;

    private volatile @Nullable Connection connection;
    private volatile @Nullable Dispatcher arrivals;
    private volatile boolean ending;
    private volatile long lastSign;

    /**
     * @param eachTick called often while this receiver is active
     * @param superseded called when the server may have given to another what this receiver was given before
     */
    NatsConsumer(Plan plan, InHand inHand, Consumer<Connection> eachTick, Runnable superseded) {
        this.plan = plan;
        this.inHand = inHand;
        this.eachTick = eachTick;
        this.superseded = superseded;
        this.inbox = "_INBOX." + (plan.shared() ? "bida." + plan.group() : NUID.nextGlobal());
    }

    @Override
    public void of(Connection made, NatsConnections.Lost lost) throws Exception {
        JetStreamManagement management = made.jetStreamManagement(
                JetStreamOptions.builder().requestTimeout(plan.timeout()).build());
        connection = made;
        try {
            String stream = stream(management, lost);
            if (stream != null && !ending) {
                inHand.hold();
                listen(made);
                if (taken(stream, management, lost)) {
                    serve(stream, made, management, lost);
                }
            }
            while (ending && !lost.await(LOOK_AGAIN)) {
                // What is still under way is answered.
            }
        } finally {
            connection = null;
            arrivals = null;
        }
    }

    /** Tells the server what became of a delivery; what it does not hear it delivers again. */
    void answer(Message message, AckType answer) {
        Connection now = connection;
        try {
            if (now != null) {
                now.publish(message.getReplyTo(), answer.bytes);
            }
        } catch (IllegalStateException e) {
            log.debug("{}: {} is not heard", plan.name(), answer, e);
        }
    }

    /** The server delivers no more to this receiver; what it had delivered has arrived. */
    void takeNoMore() {
        ending = true;
        Dispatcher now = arrivals;
        if (now != null) {
            tried(() -> now.drain(plan.timeout()).get(plan.timeout().toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    /** What was answered has reached the server, if it can be reached. */
    void flush() {
        Connection now = connection;
        if (now != null) {
            tried(() -> {
                now.flush(plan.timeout());
                return true;
            });
        }
    }

    private void tried(Callable<Boolean> what) {
        try {
            what.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            log.debug("{}: the server delivers again what it does not know to be acknowledged", plan.name(), e);
        }
    }

    /** The stream that has the subject; null: the connection was lost before there was one. */
    private @Nullable String stream(JetStreamManagement management, NatsConnections.Lost lost)
            throws IOException, JetStreamApiException, InterruptedException {
        for (String subject : plan.created()) {
            NatsStreams.create(management, subject);
        }
        boolean told = false;
        do {
            List<String> streams = management.getStreamNames(plan.subject());
            if (streams.size() == 1) {
                return streams.get(0);
            }
            if (!told) {
                told = true;
                log.warn(
                        "{}: {} the subject; waiting until one stream has",
                        plan.name(),
                        streams.isEmpty() ? "no stream has" : "several streams " + streams + " have");
            }
        } while (!lost.await(LOOK_AGAIN));
        return null;
    }

    private void listen(Connection made) {
        Dispatcher dispatcher = made.createDispatcher(this::arrived);
        dispatcher.setPendingLimits(0, 0);
        if (plan.shared()) {
            dispatcher.subscribe(inbox, plan.group());
        } else {
            dispatcher.subscribe(inbox);
        }
        arrivals = dispatcher;
    }

    /** The consumer delivers to this receiver: at once, or as soon as nobody listens where it delivers to now. */
    private boolean taken(String stream, JetStreamManagement management, NatsConnections.Lost lost)
            throws IOException, JetStreamApiException, InterruptedException {
        if (!isMine(stream, management)) {
            superseded.run();
        }
        boolean told = false;
        do {
            try {
                management.addOrUpdateConsumer(stream, configuration());
                return true;
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() != NAME_IN_USE) {
                    throw e;
                }
            }
            if (!told) {
                told = true;
                log.info("{}: another receiver of the group is active; standing by", plan.name());
            }
        } while (!lost.await(LOOK_AGAIN));
        return false;
    }

    /** Whether the consumer has delivered to nobody else since it delivered to this receiver. */
    private boolean isMine(String stream, JetStreamManagement management) throws IOException, JetStreamApiException {
        try {
            ConsumerInfo told = management.getConsumerInfo(stream, plan.group());
            return inbox.equals(told.getConsumerConfiguration().getDeliverSubject());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private ConsumerConfiguration configuration() {
        ConsumerConfiguration.Builder configuration = ConsumerConfiguration.builder()
                .durable(plan.group())
                .filterSubject(plan.subject())
                .deliverSubject(inbox)
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(plan.ackWait())
                .maxAckPending(plan.window())
                .flowControl(HEARTBEAT);
        return (plan.shared() ? configuration.deliverGroup(plan.group()) : configuration).build();
    }

    private void serve(String stream, Connection made, JetStreamManagement management, NatsConnections.Lost lost)
            throws Exception {
        long heartbeat = System.nanoTime();
        long changed = heartbeat;
        long missing = 0;
        lastSign = heartbeat;
        do {
            long now = System.nanoTime();
            if (!ending && now - lastSign > SILENT_HEARTBEATS * HEARTBEAT.toNanos()) {
                throw new BidaException("the consumer " + plan.group() + " of the stream " + stream + " is silent");
            }
            if (now - heartbeat > plan.ackWait().toNanos() / 3) {
                heartbeat = now;
                inHand.all().forEach(each -> answer(each, AckType.AckProgress));
            }
            if (inHand.isHolding()) {
                long before = missing;
                missing = missing(stream, management);
                changed = missing == before && missing > 0 ? changed : now;
                if (now - changed
                        > BUSY.plus(plan.ackWait().multipliedBy(MISSED_ACK_WAITS))
                                .toNanos()) {
                    log.warn(
                            "{}: {} deliveries do not come again, so the stream has lost them; going on",
                            plan.name(),
                            missing);
                    inHand.release();
                }
            }
            eachTick.accept(made);
        } while (!lost.await(TICK));
    }

    private long missing(String stream, JetStreamManagement management) throws IOException, JetStreamApiException {
        ConsumerInfo told = management.getConsumerInfo(stream, plan.group());
        return inHand.compare(told.getDelivered().getStreamSequence(), told.getNumAckPending());
    }

    private void arrived(Message message) {
        lastSign = System.nanoTime();
        if (message.isStatusMessage()) {
            letGoOn(message);
        } else {
            inHand.arrived(message);
        }
    }

    /** Flow control: the server goes on when it is answered what it asks, by itself or in a heartbeat. */
    private void letGoOn(Message status) {
        String reply = status.getReplyTo();
        if (reply == null && status.hasHeaders()) {
            reply = status.getHeaders().getFirst("Nats-Consumer-Stalled");
        }
        Connection now = connection;
        if (reply != null && now != null) {
            now.publish(reply, null);
        }
    }
}
