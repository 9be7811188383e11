package io.bida.relay;

import io.bida.outbox.Claim;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one ordering key, one of which is under way at a time. A key is held from the failure of one of its
 * messages until that one is gone and everything parked behind it too. For the shipper's thread only.
 */
final class KeyLine {

    final String key;
    final int shard;
    /** Made when it is needed: there may be a million held keys in which nobody waits. */
    private @Nullable Deque<Claim.Sendable> waiting;

    private boolean busy;
    private boolean held;
    private boolean draining;
    private boolean drainWanted;
    private boolean writtenSinceDrain;
    private boolean headSinceDrain;
    private int unwritten;
    private int unwrittenHeads;

    KeyLine(String key, int shard) {
        this.key = key;
        this.shard = shard;
    }

    boolean isBusy() {
        return busy;
    }

    boolean isHeld() {
        return held;
    }

    void hold() {
        held = true;
    }

    void release() {
        held = false;
    }

    void await(Claim.Sendable claim) {
        Deque<Claim.Sendable> line = waiting == null ? new ArrayDeque<>(4) : waiting;
        line.add(claim);
        waiting = line;
    }

    void begin() {
        busy = true;
    }

    /** The message under way is done; answers the next one. */
    Claim.@Nullable Sendable end() {
        busy = false;
        return waiting == null ? null : waiting.poll();
    }

    /** Empties the line. */
    List<Claim.Sendable> giveUp() {
        List<Claim.Sendable> all = waiting == null ? List.of() : List.copyOf(waiting);
        waiting = null;
        return all;
    }

    /**
     * What becomes of one of its messages is on its way to the database.
     *
     * @param head whether it is the message that the others wait for; else it goes behind those that wait already
     */
    void beginWrite(boolean head) {
        unwritten++;
        unwrittenHeads += head ? 1 : 0;
        writtenSinceDrain = true;
        headSinceDrain |= head;
    }

    /** It is written; answers whether a drain that waited for it can begin. */
    boolean endWrite(boolean head) {
        unwritten--;
        unwrittenHeads -= head ? 1 : 0;
        return drainWanted && unwrittenHeads == 0;
    }

    boolean isWriting() {
        return unwritten > 0;
    }

    /** Has the end of a write begin a drain. */
    void awaitWrite() {
        drainWanted = true;
    }

    /** Answers whether the parked messages can be read now; otherwise when the last head is written. */
    boolean beginDrain() {
        if (draining) {
            return false;
        }
        drainWanted = unwrittenHeads > 0;
        draining = !drainWanted;
        writtenSinceDrain = unwritten > 0;
        headSinceDrain = false;
        return draining;
    }

    void endDrain() {
        draining = false;
    }

    /** Whether the last drain could see all that was to be parked up to now. */
    boolean sawAll() {
        return !writtenSinceDrain;
    }

    /** Whether the last drain could see what the others wait for. */
    boolean sawHead() {
        return !headSinceDrain;
    }

    /** Held, and neither under way nor being read or written. */
    boolean isResting() {
        return held && !busy && !draining && unwritten == 0;
    }

    boolean isIdle() {
        return !busy && !held && (waiting == null || waiting.isEmpty()) && unwritten == 0;
    }
}
