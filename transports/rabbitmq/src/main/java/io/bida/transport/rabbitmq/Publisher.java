package io.bida.transport.rabbitmq;

import io.bida.transport.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes letters and tells the broker's answer to each. Thread-safe.
 *
 * <ol>
 *   <li>{@link #publish} queues the letters and returns.
 *   <li>One thread writes, on one connection that is opened when it is needed. A socket that takes no more holds up that
 *       thread only; what then waits longer than the time-out was not sent.
 *   <li>The broker confirms what its queues have stored, and gives back before what no queue is bound for. What is not
 *       answered in time is unknown; a broker that answers nothing at all for so long loses the connection.
 *   <li>What a lost connection owes is unknown, and is never written again here. What a channel owes that was closed because
 *       of a letter that is too large is written again: nobody was told anything of it.
 *   <li>While the broker cannot be reached or reads nothing, all letters fail at once.
 * </ol>
 */
final class Publisher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    /** Prepares the broker on a new connection. */
    interface Setup {
        void prepare(Link link) throws IOException;
    }

    /** Nothing is tried before then. */
    private record Refusal(Receipt.Failed receipt, long until) {}

    private final String name;
    private final BrokerAddress broker;
    private final long timeout;
    private final Setup setup;
    private final Outage outage;
    private final Thread writer;
    private final ScheduledExecutorService watch;

    private final BlockingQueue<Batch> waiting = new LinkedBlockingQueue<>();
    private volatile Batch writing = Batch.NONE;
    private volatile @Nullable Link link;
    private volatile @Nullable ConfirmedChannel channel;
    private volatile @Nullable Refusal refusal;
    private volatile boolean closed;

    // The writer's own.
    private final Deque<Shipment> left = new ArrayDeque<>();
    private Duration pause = FIRST_PAUSE;

    private Publisher(String name, BrokerAddress broker, Duration timeout, Setup setup) {
        this.name = name;
        this.broker = broker;
        this.timeout = timeout.toNanos();
        this.setup = setup;
        this.outage = new Outage(log, name);
        this.writer = daemon(this::write, name + " writer");
        this.watch = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, name + " watch"));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ends with the executor
    static Publisher open(String name, BrokerAddress broker, Duration timeout, Setup setup) {
        Publisher publisher = new Publisher(name, broker, timeout, setup);
        publisher.writer.start();
        long look = LOOK.toNanos();
        publisher.watch.scheduleWithFixedDelay(publisher::look, look, look, TimeUnit.NANOSECONDS);
        return publisher;
    }

    /** One receipt for each, in the order given. */
    List<CompletableFuture<Receipt>> publish(List<Letter> letters) {
        List<Shipment> shipments = letters.stream().map(Shipment::new).toList();
        waiting.add(new Batch(shipments));
        Receipt.Failed refused = refused();
        if (refused != null) {
            giveUpWaiting(refused);
        }
        return shipments.stream().map(Shipment::receipt).toList();
    }

    @Override
    public void close() {
        closed = true;
        watch.shutdownNow();
        giveUpWaiting(notSent("the sender was closed"));
        lose("The sender was closed before the answer came.");
        writer.interrupt();
        awaitWriter();
        if (writer.isAlive()) {
            cut();
            awaitWriter();
        }
        lose("The sender was closed before the answer came.");
    }

    private void awaitWriter() {
        try {
            writer.join(FAREWELL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            while (!closed) {
                Batch batch = next();
                writing = batch;
                for (Shipment each : batch.shipments()) {
                    write(each);
                }
                writing = Batch.NONE;
                writeLeft();
            }
        } catch (InterruptedException e) {
            // This publisher closes.
        } finally {
            writerEnds();
        }
    }

    private void writerEnds() {
        Link last = link;
        if (last != null) {
            last.close();
        }
        Receipt.Failed unwritten = notSent("the sender was closed");
        giveUpWaiting(unwritten);
        left.addAll(leftBehind());
        left.forEach(each -> each.receipt().complete(unwritten));
    }

    /** None after a while, so that what is left behind is not forgotten. */
    private Batch next() throws InterruptedException {
        Batch next = waiting.poll();
        if (next == null) {
            uncork();
            next = waiting.poll(LOOK.toNanos(), TimeUnit.NANOSECONDS);
        }
        return next == null ? Batch.NONE : next;
    }

    private void uncork() {
        Link present = link;
        if (present == null) {
            return;
        }
        try {
            present.uncork();
        } catch (IOException e) {
            present.cut();
        }
    }

    private void write(Shipment shipment) throws InterruptedException {
        writeLeft();
        ConfirmedChannel open = opened();
        if (open == null) {
            Receipt.Failed refused = refused();
            shipment.giveUpUnwritten(refused == null ? notSent("the connection was lost") : refused);
        } else if (shipment.begin()) {
            write(open, shipment);
        }
    }

    private void write(ConfirmedChannel open, Shipment shipment) throws InterruptedException {
        try {
            open.publish(shipment);
        } catch (IOException e) {
            cut();
        }
    }

    /** What a channel that has ended left to be written again comes first. */
    private void writeLeft() throws InterruptedException {
        left.addAll(leftBehind());
        while (!left.isEmpty()) {
            ConfirmedChannel open = opened();
            Shipment next = left.remove();
            if (open == null) {
                next.receipt().complete(notSent("the connection was lost"));
            } else {
                write(open, next);
            }
            left.addAll(leftBehind());
        }
    }

    private List<Shipment> leftBehind() {
        ConfirmedChannel ended = channel;
        if (ended == null || ended.isOpen()) {
            return List.of();
        }
        channel = null;
        return ended.left();
    }

    /** Null when there is no way to the broker at present. */
    private @Nullable ConfirmedChannel opened() {
        if (refused() != null) {
            return null;
        }
        ConfirmedChannel open = channel;
        if (open != null) {
            return open;
        }
        try {
            Link usable = link;
            if (usable == null || !usable.isOpen()) {
                usable = broker.open(name);
                link = usable;
                setup.prepare(usable);
            }
            open = ConfirmedChannel.open(broker.shown(), usable);
            channel = open;
            refusal = null;
            pause = FIRST_PAUSE;
            outage.over();
            return open;
        } catch (IOException | TimeoutException | RuntimeException e) {
            unreachable(Reasons.of(e));
            return null;
        }
    }

    private void unreachable(String why) {
        Link useless = link;
        if (useless != null) {
            useless.close();
            link = null;
        }
        outage.failed(broker.shown() + " is not available: " + why, "Messages fail until it is.");
        Receipt.Failed failed = notSent(broker.shown() + " is not available: " + why);
        refusal = new Refusal(failed, System.nanoTime() + pause.toNanos());
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        writing.giveUpUnwritten(failed);
        giveUpWaiting(failed);
    }

    /** Why nothing can be sent at present; null when it can be tried. */
    private Receipt.@Nullable Failed refused() {
        if (closed) {
            return new Receipt.Failed("It was not sent: the sender is closed.");
        }
        Link present = link;
        String blocked = present == null || !present.isOpen() ? null : present.blocked();
        if (blocked != null) {
            return notSent(broker.shown() + " takes no messages: " + blocked);
        }
        Refusal last = refusal;
        return last != null && System.nanoTime() - last.until() < 0 ? last.receipt() : null;
    }

    private static Receipt.Failed notSent(String why) {
        return Receipt.Failed.unavailable("It was not sent: " + why + ".", null);
    }

    private void giveUpWaiting(Receipt.Failed why) {
        for (Batch batch = waiting.poll(); batch != null; batch = waiting.poll()) {
            batch.giveUpUnwritten(why);
        }
        writing.giveUpUnwritten(why);
    }

    private void look() {
        long now = System.nanoTime();
        Receipt.Failed refused = refused();
        if (refused != null) {
            giveUpWaiting(refused);
        }
        giveUpOverdue(now);
        ConfirmedChannel present = channel;
        Link over = link;
        if (present != null && present.expire(timeout, now) && over != null && over.blocked() == null) {
            outage.failed(
                    broker.shown() + " answered nothing for " + timeout / 1_000_000 + " ms", "It is connected anew.");
            over.cut();
        }
    }

    private void giveUpOverdue(long now) {
        Receipt.Failed late = notSent(broker.shown() + " took nothing for " + timeout / 1_000_000 + " ms");
        if (writing.isOlder(timeout, now)) {
            writing.giveUpUnwritten(late);
        }
        for (Batch head = waiting.peek(); head != null && head.isOlder(timeout, now); head = waiting.peek()) {
            head.giveUpUnwritten(late);
            waiting.remove(head);
        }
    }

    private void lose(String why) {
        ConfirmedChannel present = channel;
        if (present != null) {
            present.lose(why);
        }
    }

    private void cut() {
        Link present = link;
        if (present != null) {
            present.cut();
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
