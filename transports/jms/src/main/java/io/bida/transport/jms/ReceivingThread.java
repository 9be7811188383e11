package io.bida.transport.jms;

import io.bida.message.RefusedException;
import io.bida.transport.Deliverer;
import io.bida.transport.Verdict;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only thread that touches a receiver's session: takes messages, and does what their verdicts say.
 *
 * <p>When a connection is lost, what was taken from it stays with the deliverer, and what comes again stands behind it: so
 * the order of a key is kept.
 */
final class ReceivingThread extends Thread {

    private static final Logger log = LoggerFactory.getLogger(ReceivingThread.class);
    private static final long LONGEST_WAIT_MILLIS = 250;
    private static final long VERDICT_WAIT_MILLIS = 50;
    private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final JmsReceiver.Builder options;
    private final String channel;
    private final Deliverer deliverer;
    private final BlockingQueue<Judged> judged = new LinkedBlockingQueue<>();
    private final List<Judged> unkept = new ArrayList<>();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile boolean finished;
    private Duration pause = Duration.ZERO;
    private long wait = 1;
    private long keepAgainAt;

    ReceivingThread(JmsReceiver.Builder options, String channel, Deliverer deliverer) {
        super("bida-jms-receiver of " + channel);
        setDaemon(true);
        this.options = options;
        this.channel = channel;
        this.deliverer = deliverer;
    }

    int unacknowledged() {
        return unacknowledged.get();
    }

    void takeNoMore() {
        ending.countDown();
    }

    /** There will be no further verdicts. */
    void finish() {
        finished = true;
    }

    @Override
    public void run() {
        while (isTaking()) {
            try {
                work();
            } catch (JMSException | RuntimeException e) {
                disconnected(e);
            } catch (InterruptedException e) {
                return; // Closing has waited long enough.
            }
            unacknowledged.set(0);
        }
    }

    private boolean isTaking() {
        return ending.getCount() > 0;
    }

    /** Over one connection, until it is lost or this ends. */
    private void work() throws JMSException, InterruptedException {
        if (ending.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
            return;
        }
        try (ReceivingLink link = ReceivingLink.open(options)) {
            connected();
            work(link);
        }
    }

    private void work(ReceivingLink link) throws JMSException, InterruptedException {
        while (!finished) {
            settleAll(link);
            if (isTaking()
                    && link.mayTake()
                    && Math.max(unacknowledged.get(), deliverer.underWay()) < options.mostUnacknowledged()) {
                take(link);
            } else {
                settle(link, judged.poll(VERDICT_WAIT_MILLIS, TimeUnit.MILLISECONDS));
            }
            link.check();
        }
        settleAll(link);
    }

    /** Waits the longer, the less happens: a verdict cannot end the waiting for a message. */
    private void take(ReceivingLink link) throws JMSException {
        Message message = link.receive(unacknowledged.get() == 0 ? LONGEST_WAIT_MILLIS : wait);
        if (message == null) {
            wait = Math.min(2 * wait, VERDICT_WAIT_MILLIS);
            return;
        }
        wait = 1;
        unacknowledged.incrementAndGet();
        deliver(link, message).thenAccept(verdict -> judged.add(new Judged(link, message, verdict)));
    }

    /** What the provider cannot read over a connection that works, it will not read over the next one. */
    private CompletionStage<Verdict> deliver(ReceivingLink link, Message message) throws JMSException {
        try {
            return deliverer.deliver(JmsEvents.read(channel, message));
        } catch (RefusedException e) {
            return CompletableFuture.completedStage(new Verdict.Dead(String.valueOf(e.getMessage())));
        } catch (JMSException | RuntimeException e) {
            link.check();
            return CompletableFuture.completedStage(new Verdict.Dead("It cannot be read: " + Failures.text(e)));
        }
    }

    private void settleAll(ReceivingLink link) throws JMSException {
        if (!unkept.isEmpty() && System.nanoTime() - keepAgainAt >= 0) {
            judged.addAll(unkept);
            unkept.clear();
        }
        for (Judged next = judged.poll(); next != null; next = judged.poll()) {
            settle(link, next);
        }
        link.settled();
    }

    private void settle(ReceivingLink link, @Nullable Judged next) throws JMSException {
        if (next == null || next.link != link) {
            return; // What came over a lost connection is delivered again.
        }
        if (next.verdict instanceof Verdict.Done) {
            link.done(next.message);
            unacknowledged.decrementAndGet();
        } else if (next.verdict instanceof Verdict.Dead dead) {
            bury(link, next, dead.reason());
        }
        wait = 1;
    }

    private void bury(ReceivingLink link, Judged judged, String reason) throws JMSException {
        try {
            link.dead(judged.message, reason);
            unacknowledged.decrementAndGet();
            log.warn("{}: a message is a dead letter now: {}", getName(), reason);
        } catch (JMSException e) {
            log.error(
                    "{}: a dead letter cannot be kept in {}; it stays where it is and is tried again: {}",
                    getName(),
                    options.deadQueue(),
                    Failures.text(e));
            link.checkAfter(e);
            unkept.add(judged);
            keepAgainAt = System.nanoTime() + AGAIN_NANOS;
        }
    }

    private void connected() {
        if (!pause.isZero()) {
            log.info("{}: connected again", getName());
        }
        pause = Duration.ZERO;
        wait = 1;
        unkept.clear();
    }

    private void disconnected(Exception failure) {
        if (!isTaking()) {
            return;
        }
        if (pause.isZero()) {
            log.warn("{}: not connected, trying again until it is: {}", getName(), Failures.text(failure));
        } else {
            log.debug("{}: still not connected: {}", getName(), Failures.text(failure));
        }
        pause = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            pause = LONGEST_PAUSE;
        }
    }

    /** A message with its verdict, and where it came from. */
    private record Judged(ReceivingLink link, Message message, Verdict verdict) {}
}
