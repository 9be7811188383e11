package io.bida.transport;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives deliveries to an {@link Intake} for the receivers of every transport. Thread-safe.
 *
 * <ol>
 *   <li>A delivery is read as a message; what is none is dead.
 *   <li>Messages of one ordering key are given one after another, in the order they came; others at once, as many as there
 *       are threads.
 *   <li>What is to be tried again waits and is tried again here, its key behind it and everybody else going on, until it is
 *       taken or was tried as often as {@link Redelivery} says.
 *   <li>The verdict tells the receiver what to do with its delivery; those of one ordering key come in its order.
 * </ol>
 *
 * It bounds nothing: a receiver delivers no more at a time than it wants to have unacknowledged.
 */
public final class Deliverer implements AutoCloseable {

    private final Intake intake;
    private final DeliveryReader reader;
    private final Redelivery redelivery;
    private final Duration shutdown;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    private final Object lock = new Object();
    private final Map<String, Queue<Job>> lines = new HashMap<>();
    private final Set<Job> waiting = new HashSet<>();
    private int underWay;
    private boolean closed;

    private Deliverer(Builder builder) {
        this.intake = builder.intake;
        this.reader = builder.reader;
        this.redelivery = builder.redelivery;
        this.shutdown = builder.shutdown;
        AtomicInteger started = new AtomicInteger();
        ThreadFactory threads = work -> {
            Thread thread = new Thread(work, builder.name + " " + started.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        this.workers = Executors.newFixedThreadPool(builder.concurrency, threads);
        this.timer = Executors.newSingleThreadScheduledExecutor(threads);
    }

    /** @param intake called from several threads; what it throws is an {@link Answer.Retry} */
    public static Builder to(Intake intake, DeliveryReader reader) {
        return new Builder(intake, reader);
    }

    /** Begins with a delivery, and never blocks; the stage completes with its verdict, never exceptionally. */
    public CompletionStage<Verdict> deliver(Delivery delivery) {
        try {
            return begun(new Job(delivery, reader.read(delivery)));
        } catch (RefusedException e) {
            return CompletableFuture.completedStage(new Verdict.Dead(String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(new Verdict.Dead("It could not be read: " + e));
        }
    }

    /** How many deliveries have no verdict yet. */
    public int underWay() {
        synchronized (lock) {
            return underWay;
        }
    }

    /**
     * Leaves what was not begun of these deliveries, and what waits to be tried again: they are to be delivered elsewhere,
     * or again. What the intake has at this moment goes on.
     */
    public void leave(Predicate<Delivery> which) {
        List<Job> left = new ArrayList<>();
        synchronized (lock) {
            waiting.removeIf(job -> which.test(job.delivery) && left.add(job));
            Set<Job> heads = new HashSet<>(left);
            lines.values().forEach(line -> line.removeIf(heads::remove));
            underWay -= left.size();
            heads.forEach(job -> beginNext(job.message.orderingKey()));
        }
        left.forEach(job -> job.verdict.complete(new Verdict.Left()));
    }

    /** Leaves what was not begun, and waits for what the intake has; at most as long as the builder was told. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        leave(delivery -> true);
        timer.shutdownNow();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(shutdown.toNanos(), TimeUnit.NANOSECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private CompletionStage<Verdict> begun(Job job) {
        String key = job.message.orderingKey();
        synchronized (lock) {
            if (closed) {
                return CompletableFuture.completedStage(new Verdict.Left());
            }
            underWay++;
            waiting.add(job);
            if (key != null) {
                Queue<Job> line = lines.get(key);
                if (line != null) {
                    line.add(job);
                    return job.verdict;
                }
                lines.put(key, new ArrayDeque<>());
            }
            workers.execute(() -> run(job));
        }
        return job.verdict;
    }

    private void run(Job job) {
        synchronized (lock) {
            if (!waiting.remove(job)) {
                return; // It was left.
            }
        }
        Answer answer = answer(job.message);
        if (answer instanceof Answer.Retry retry) {
            failed(job, retry);
        } else {
            taken.incrementAndGet();
            ended(job, verdict(answer));
        }
    }

    private Answer answer(Message message) {
        try {
            return intake.receive(message);
        } catch (RuntimeException | Error e) {
            return new Answer.Retry("The intake threw " + e);
        }
    }

    private static Verdict verdict(Answer answer) {
        if (answer instanceof Answer.Rejected rejected) {
            return new Verdict.Dead(rejected.reason());
        }
        if (answer instanceof Answer.Conflict conflict) {
            return new Verdict.Dead(conflict.reason());
        }
        return new Verdict.Done();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what is scheduled only begins work
    private void failed(Job job, Answer.Retry retry) {
        job.failed(taken.get(), failures.incrementAndGet());
        if (job.counted >= redelivery.attempts()) {
            ended(job, new Verdict.Dead("It was tried " + job.times + " times. " + retry.reason()));
            return;
        }
        Duration asked = retry.after();
        Duration pause = asked == null ? redelivery.pause(job.times) : asked;
        synchronized (lock) {
            if (!closed) {
                waiting.add(job);
                timer.schedule(() -> again(job), pause.toNanos(), TimeUnit.NANOSECONDS);
                return;
            }
        }
        ended(job, new Verdict.Left());
    }

    private void again(Job job) {
        synchronized (lock) {
            if (!closed) {
                workers.execute(() -> run(job));
            }
        }
    }

    /** Its verdict is told before the next of its key begins, so that verdicts of one key come in its order, too. */
    private void ended(Job job, Verdict verdict) {
        synchronized (lock) {
            underWay--;
        }
        job.verdict.complete(verdict);
        synchronized (lock) {
            beginNext(job.message.orderingKey());
        }
    }

    private void beginNext(@Nullable String key) {
        Queue<Job> line = key == null ? null : lines.get(key);
        if (line == null) {
            return;
        }
        Job next = line.poll();
        if (next == null) {
            lines.remove(key);
        } else if (!closed) {
            workers.execute(() -> run(next));
        }
    }

    /** One delivery; only one thread has it at a time. */
    private static final class Job {

        private final Delivery delivery;
        private final Message message;
        private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        private int times;
        private int counted;
        private long takenAtFirst = -1;
        private long takenBefore = -1;
        private long failuresBefore;

        Job(Delivery delivery, Message message) {
            this.delivery = delivery;
            this.message = message;
        }

        /**
         * While nothing else is taken either, the fault is not this message's; unless others were taken since it failed
         * first, and now there are none that could be: the receiver may be full of what waits for this one.
         *
         * @param failures of all messages, this one too
         */
        void failed(long taken, long failures) {
            times++;
            boolean alone = failures == failuresBefore + 1;
            if (taken != takenBefore || (alone && taken != takenAtFirst)) {
                counted++;
            }
            if (times == 1) {
                takenAtFirst = taken;
            }
            takenBefore = taken;
            failuresBefore = failures;
        }
    }

    /** Collects what a deliverer needs. Not thread-safe. */
    public static final class Builder {

        private final Intake intake;
        private final DeliveryReader reader;
        private String name = "receiver";
        private int concurrency = 8;
        private Redelivery redelivery = Redelivery.DEFAULT;
        private Duration shutdown = Duration.ofSeconds(10);

        private Builder(Intake intake, DeliveryReader reader) {
            this.intake = intake;
            this.reader = reader;
        }

        /** Of its threads. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** How many messages the intake is given at a time; 8 by default. */
        public Builder concurrency(int concurrency) {
            if (concurrency < 1) {
                throw new BidaException("concurrency is " + concurrency + ": a whole number from 1 is expected.");
            }
            this.concurrency = concurrency;
            return this;
        }

        /** {@link Redelivery#DEFAULT} by default. */
        public Builder redelivery(Redelivery redelivery) {
            this.redelivery = redelivery;
            return this;
        }

        /** How long closing waits for the intake; 10 s by default. */
        public Builder shutdown(Duration shutdown) {
            this.shutdown = shutdown;
            return this;
        }

        public Deliverer build() {
            return new Deliverer(this);
        }
    }
}
