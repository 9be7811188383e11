package io.bida.transport.kafka;

import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What was taken of one partition, and how far it may be committed: up to the first that is not done. Those done behind it
 * are noted in the text that Kafka keeps with a committed offset, so that whoever has the partition next does not take them
 * again. Not thread-safe, but for {@link Taken}.
 */
final class PartitionProgress {

    private static final String MARK = "bida:";

    /** In bits; the broker takes 4096 characters by default, which hold 24,000. */
    private static final int FARTHEST = 16_000;

    private final Deque<Taken> taken = new ArrayDeque<>();
    private final long begin;
    private final BitSet doneBefore;
    private long firstNotDone;
    private int doneNotCommitted;
    private @Nullable OffsetAndMetadata committed;

    /** @param committed what the group has committed; null: nothing */
    PartitionProgress(@Nullable OffsetAndMetadata committed) {
        this.begin = committed == null ? 0 : committed.offset();
        this.firstNotDone = begin;
        this.doneBefore = committed == null ? new BitSet() : bits(committed.metadata(), mark(begin));
        this.committed = committed;
    }

    /** Takes the next record; what the group has done before is {@linkplain Taken#isDone done}. */
    Taken take(long offset) {
        if (taken.isEmpty()) {
            firstNotDone = offset; // Offsets that hold no record are passed over.
        }
        Taken one = new Taken(offset);
        one.done = offset - begin < FARTHEST && offset >= begin && doneBefore.get((int) (offset - begin));
        taken.add(one);
        return one;
    }

    /** How far the group has come, where that is more than it has committed. */
    Optional<OffsetAndMetadata> toCommit() {
        while (!taken.isEmpty() && taken.element().done) {
            firstNotDone = taken.remove().offset + 1;
            doneNotCommitted++;
        }
        if (doneNotCommitted == 0 && taken.isEmpty()) {
            return Optional.empty();
        }
        OffsetAndMetadata reached = new OffsetAndMetadata(firstNotDone, doneBehind());
        return reached.equals(committed) ? Optional.empty() : Optional.of(reached);
    }

    void committed(OffsetAndMetadata reached) {
        committed = reached;
        doneNotCommitted = 0;
    }

    /** How many were taken that are not below a committed offset. */
    int notCommitted() {
        return taken.size() + doneNotCommitted;
    }

    /** How many were taken that are not done. */
    int notDone() {
        return (int) taken.stream().filter(one -> !one.done).count();
    }

    /** Whether so many more can be noted as done behind the first that is not. */
    boolean takes(int more) {
        return taken.size() + more <= FARTHEST;
    }

    /** Whether one is neither done nor left. */
    boolean isUnderWay() {
        return taken.stream().anyMatch(one -> !one.done && !one.left);
    }

    /** Nothing of it is waited for any more. */
    void leaveAll() {
        taken.forEach(Taken::left);
    }

    private String doneBehind() {
        BitSet bits = new BitSet();
        for (Taken one : taken) {
            if (one.done && one.offset - firstNotDone < FARTHEST) {
                bits.set((int) (one.offset - firstNotDone));
            }
        }
        return bits.isEmpty() ? "" : mark(firstNotDone) + Base64.getEncoder().encodeToString(bits.toByteArray());
    }

    /** With the offset that it counts from: tools that set an offset, or translate it, may leave the text as it is. */
    private static String mark(long offset) {
        return MARK + offset + ":";
    }

    private static BitSet bits(@Nullable String text, String mark) {
        if (text == null || !text.startsWith(mark)) {
            return new BitSet();
        }
        try {
            return BitSet.valueOf(Base64.getDecoder().decode(text.substring(mark.length())));
        } catch (IllegalArgumentException e) {
            return new BitSet(); // Another program's note.
        }
    }

    /** One record that was taken. Thread-safe. */
    static final class Taken {

        private final long offset;
        private volatile boolean done;
        private volatile boolean left;

        private Taken(long offset) {
            this.offset = offset;
        }

        boolean isDone() {
            return done;
        }

        boolean isLeft() {
            return left;
        }

        /** Its fate is durable. */
        void done() {
            done = true;
        }

        /** It is to be delivered again, by whoever has the partition then. */
        void left() {
            left = true;
        }
    }
}
