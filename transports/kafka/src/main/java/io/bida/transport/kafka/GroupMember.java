package io.bida.transport.kafka;

import io.bida.transport.Deliverer;
import io.bida.transport.Verdict;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer as a member of its group, from its entry to its end. Not thread-safe: the receiver's thread has it.
 *
 * <p>When partitions go to another member, what was not begun of them is left, what is under way is waited for, and what is
 * done is committed: so the other one begins where this one ended.
 */
final class GroupMember implements ConsumerRebalanceListener, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(GroupMember.class);
    private static final Duration IDLE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long COMMIT_PAUSE_MILLIS = 10;
    private static final long LOOK_AGAIN_MILLIS = 5;

    private final Consumer<byte[], byte[]> consumer;
    private final Deliverer deliverer;
    private final DeadLetters deadLetters;
    private final int window;
    private final int batch;
    private final Map<TopicPartition, PartitionProgress> progresses = new HashMap<>();
    private final Semaphore verdicts = new Semaphore(0);
    private int done;
    private long lastCommit = System.nanoTime();
    private boolean paused;

    /** @param batch the most records that the consumer gives at a time */
    GroupMember(
            Consumer<byte[], byte[]> consumer, Deliverer deliverer, DeadLetters deadLetters, int window, int batch) {
        this.consumer = consumer;
        this.deliverer = deliverer;
        this.deadLetters = deadLetters;
        this.window = window;
        this.batch = batch;
    }

    void join(String topic) {
        consumer.subscribe(Set.of(topic), this);
    }

    /** Whether it has partitions. */
    boolean isAssigned() {
        return !progresses.isEmpty();
    }

    /** How many records were taken that are not committed. */
    int notCommitted() {
        return progresses.values().stream()
                .mapToInt(PartitionProgress::notCommitted)
                .sum();
    }

    /** Takes what there is room for, and commits what is done. */
    void turn() {
        boolean room = hasRoom();
        pause(!room);
        consumer.poll(room ? IDLE : Duration.ZERO).forEach(this::take);
        if (!room) {
            awaitVerdicts();
        }
        done += verdicts.drainPermits();
        if (done >= batch || (done > 0 && System.nanoTime() - lastCommit > millis(COMMIT_PAUSE_MILLIS))) {
            commit(progresses.keySet());
        }
    }

    /** What is done behind one that is tried again takes no room: it may be what shows that the fault is that one's. */
    private boolean hasRoom() {
        int notDone = progresses.values().stream()
                .mapToInt(PartitionProgress::notDone)
                .sum();
        return notDone + batch <= window && progresses.values().stream().allMatch(progress -> progress.takes(batch));
    }

    /** Commits what is done, and leaves the group. */
    @Override
    public void close() {
        try {
            commit(progresses.keySet());
        } finally {
            consumer.close(CloseOptions.timeout(PATIENCE));
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
        partitions.forEach(one -> progresses.put(one, new PartitionProgress(committed.get(one))));
        if (paused) {
            consumer.pause(partitions);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        letGo(partitions, PATIENCE);
        commit(partitions);
        forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        letGo(partitions, Duration.ZERO);
        forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
        for (TopicPartition one : partitions) {
            PartitionProgress progress = progresses.remove(one);
            if (progress != null) {
                progress.leaveAll();
            }
        }
    }

    private void pause(boolean wanted) {
        if (wanted && !paused) {
            consumer.pause(consumer.assignment());
        } else if (!wanted && paused) {
            consumer.resume(consumer.paused());
        }
        paused = wanted;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        PartitionProgress progress = progresses.get(new TopicPartition(record.topic(), record.partition()));
        if (progress == null) {
            return; // It was taken away in the same poll.
        }
        PartitionProgress.Taken taken = progress.take(record.offset());
        if (taken.isDone()) {
            verdicts.release();
            return;
        }
        deliverer.deliver(KafkaEvents.delivery(record)).thenAccept(verdict -> settle(record, taken, verdict));
    }

    /** Called by the deliverer's threads. */
    private void settle(ConsumerRecord<byte[], byte[]> record, PartitionProgress.Taken taken, Verdict verdict) {
        if (verdict instanceof Verdict.Left) {
            taken.left();
        } else if (verdict instanceof Verdict.Done) {
            done(taken);
        } else if (verdict instanceof Verdict.Dead dead && !taken.isLeft()) {
            deadLetters.keep(record, dead.reason()).thenRun(() -> done(taken));
        }
    }

    private void done(PartitionProgress.Taken taken) {
        taken.done();
        verdicts.release();
    }

    private void awaitVerdicts() {
        try {
            if (verdicts.tryAcquire(batch, COMMIT_PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                done += batch;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void letGo(Collection<TopicPartition> partitions, Duration patience) {
        long begin = System.nanoTime();
        deliverer.leave(delivery -> partitions.contains(KafkaEvents.partition(delivery)));
        while (isUnderWay(partitions) && System.nanoTime() - begin < patience.toNanos()) {
            sleep();
            // What failed meanwhile waits to be tried again.
            deliverer.leave(delivery -> partitions.contains(KafkaEvents.partition(delivery)));
        }
    }

    private boolean isUnderWay(Collection<TopicPartition> partitions) {
        return progresses.entrySet().stream()
                .anyMatch(each ->
                        partitions.contains(each.getKey()) && each.getValue().isUnderWay());
    }

    private void commit(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();
        progresses.forEach((partition, progress) -> {
            if (partitions.contains(partition)) {
                progress.toCommit().ifPresent(offset -> reached.put(partition, offset));
            }
        });
        lastCommit = System.nanoTime();
        if (reached.isEmpty()) {
            done = 0;
            return;
        }
        try {
            consumer.commitSync(reached, PATIENCE);
            progresses.forEach((partition, progress) -> {
                OffsetAndMetadata offset = reached.get(partition);
                if (offset != null) {
                    progress.committed(offset);
                }
            });
            done = 0;
        } catch (RetriableException | RebalanceInProgressException | CommitFailedException e) {
            log.debug("kafka: not committed yet: {}", e.toString());
        }
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
