package io.bida.transport.jms;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.PendingReceipts;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to the queues or topics of a JMS provider, persistently. Thread-safe.
 *
 * <p>A few connections, each with a thread and a transacted session, take what waits: many messages and one commit, which
 * answers for them all. A message that spoils the transaction has the others sent again one by one, so that each has the
 * receipt it deserves. A commit without an answer leaves all of it unknown.
 *
 * <p>What was told to have failed is never sent later: its transaction can no longer be committed, and its connection is
 * given up.
 */
public final class JmsSender implements Sender {

    private static final Duration TIDY = Duration.ofSeconds(2);
    private static final AtomicInteger SENDERS = new AtomicInteger();

    private final PendingReceipts receipts = new PendingReceipts();
    private final LinkedBlockingQueue<Flight> waiting = new LinkedBlockingQueue<>();
    private final ScheduledThreadPoolExecutor timer;
    private final List<SendingThread> threads;

    private JmsSender(Builder options) {
        String name = "bida-jms-sender-" + SENDERS.incrementAndGet();
        timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, name + "-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        threads = IntStream.rangeClosed(1, options.connections)
                .mapToObj(i -> new SendingThread(name + "-" + i, options, waiting, timer))
                .toList();
        threads.forEach(Thread::start);
    }

    /** Begins a sender over connections of this factory. */
    public static Builder to(ConnectionFactory factory) {
        return new Builder(factory);
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>(messages.size());
        for (Message message : messages) {
            CompletableFuture<Receipt> receipt = receipts.open();
            if (!receipt.isDone()) {
                waiting.add(new Flight(message, receipt, System.nanoTime()));
            }
            stages.add(receipt);
        }
        return stages;
    }

    @Override
    public void close() {
        threads.forEach(SendingThread::end);
        long end = System.nanoTime() + TIDY.toNanos();
        try {
            for (SendingThread thread : threads) {
                TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        receipts.close();
        timer.shutdownNow();
    }

    /**
     * One message on its way.
     *
     * @param since when it was given, by {@link System#nanoTime}
     */
    record Flight(Message message, CompletableFuture<Receipt> receipt, long since) {}

    /** Collects what a sender needs. Not thread-safe. */
    public static final class Builder {

        final ConnectionFactory factory;

        @Nullable String user;

        @Nullable String password;

        @Nullable String queue;

        @Nullable String topic;

        Duration timeout = Duration.ofSeconds(5);
        int connections = 2;
        String deduplication = "_AMQ_DUPL_ID";

        private Builder(ConnectionFactory factory) {
            this.factory = factory;
        }

        /** Without it, the factory's own. */
        public Builder login(String user, String password) {
            this.user = user;
            this.password = password;
            return this;
        }

        /** Everything goes to this queue; without it and {@link #topic}, to the queue named as the message's topic. */
        public Builder queue(String queue) {
            this.queue = queue;
            return this;
        }

        /** Everything goes to this topic: to its durable subscriptions, and to nobody where there are none. */
        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        /** How long a transaction may take; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new BidaException("The timeout is " + timeout + ": more than nothing is expected.");
            }
            this.timeout = timeout;
            return this;
        }

        /** How many connections, and so transactions at a time; 2 when not given. */
        public Builder connections(int connections) {
            if (connections < 1) {
                throw new BidaException("connections is " + connections + ": a whole number from 1 is expected.");
            }
            this.connections = connections;
            return this;
        }

        /**
         * The property with the message id by which the broker drops what it has: {@code _AMQ_DUPL_ID}, Artemis's, when not
         * given; others take no notice of it. Empty: none.
         */
        public Builder deduplication(String property) {
            this.deduplication = property;
            return this;
        }

        public JmsSender open() {
            if (queue != null && topic != null) {
                throw new BidaException("The messages go either to the queue " + queue + " or to the topic " + topic
                        + "; give one of them.");
            }
            return new JmsSender(this);
        }
    }
}
