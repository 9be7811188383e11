package io.bida.relay;

import io.bida.outbox.ClaimBatch;

/**
 * How many messages to ask for at a time: as many as the batch allows, fewer while payloads are so large that the last
 * read had no room for what it asked for. Doubles its way back. For one thread.
 */
final class BatchSize {

    private final int most;
    private int next;

    BatchSize(int most) {
        this.most = most;
        this.next = most;
    }

    int next() {
        return next;
    }

    /** @param asked messages */
    void got(ClaimBatch read, int asked) {
        boolean cutShort = !read.last() && read.claims().size() < asked;
        next = cutShort ? Math.max(1, read.claims().size()) : (int) Math.min(most, 2L * next);
    }
}
