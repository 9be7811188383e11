package io.bida.outbox;

/** Where an undelivered message stands. */
public enum MessageState {
    /** In the hot table: to be sent now, or under way. */
    PENDING,
    /** Waits for its own time. */
    SCHEDULED,
    /** Failed, and is sent again when it is due. */
    RETRY,
    /** Waits behind an earlier message of its ordering key. */
    HELD,
    /** Is not sent again unless an operator says so. */
    DEAD,
    /** Taken back by an operator. */
    CANCELLED;

    boolean isParked() {
        return this != PENDING;
    }
}
