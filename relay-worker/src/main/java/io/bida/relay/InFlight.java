package io.bida.relay;

import io.bida.message.MessageId;
import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Row;
import io.bida.outbox.Shards;
import java.util.Collection;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is between its first read and its last write. A row that is read again meanwhile is known here and left alone.
 *
 * <p>What was written is forgotten by the next {@link #forgetWritten} and not before: a read that had begun before the
 * write was committed may still show the row. Thread-safe; only the claimer enters and forgets.
 */
final class InFlight {

    private final Set<Long> hot = ConcurrentHashMap.newKeySet();
    private final Set<MessageId> parked = ConcurrentHashMap.newKeySet();
    private final AtomicIntegerArray ofShard = new AtomicIntegerArray(Shards.COUNT);
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<Claim> written = new ConcurrentLinkedQueue<>();

    /** False when the row is in flight already. */
    boolean enter(Claim claim) {
        Row row = claim.row();
        boolean entered = row.place().isHot() ? hot.add(row.seq()) : parked.add(row.messageId());
        if (entered) {
            ofShard.incrementAndGet(row.shard());
            bytes.addAndGet(claim.bytes());
        }
        return entered;
    }

    boolean has(Row row) {
        return row.place().isHot() ? hot.contains(row.seq()) : parked.contains(row.messageId());
    }

    boolean hasHot(long seq) {
        return hot.contains(seq);
    }

    /** The rows were written, or given up for a later claim. */
    void leave(Collection<? extends Claim> claims) {
        written.addAll(claims);
    }

    /** To be called before a read. */
    void forgetWritten() {
        for (Claim claim = written.poll(); claim != null; claim = written.poll()) {
            Row row = claim.row();
            boolean left = row.place().isHot() ? hot.remove(row.seq()) : parked.remove(row.messageId());
            if (left) {
                ofShard.decrementAndGet(row.shard());
                bytes.addAndGet(-claim.bytes());
            }
        }
    }

    /** Of payload, held in memory. */
    long bytes() {
        return bytes.get();
    }

    int size() {
        return hot.size() + parked.size();
    }

    int ofShard(int shard) {
        return ofShard.get(shard);
    }
}
