package io.bida.transport.redis;

import java.time.Duration;
import java.util.List;

/** A receiver's part of a consumer group. Not thread-safe. */
interface Share {

    /** The connection is new: what was read on the one before may never have arrived. */
    void begin(StreamGroup group);

    /**
     * What is to be delivered next, in order. Some of it may have been read before.
     *
     * @param most how many entries at most
     * @param wait how long to wait for one
     */
    List<StreamEntry> read(int most, Duration wait);

    /** Keeps what it has, while nothing is read. */
    void keep();

    /**
     * The receiver ends.
     *
     * @param unacknowledged how many entries it leaves
     */
    void leave(int unacknowledged);
}
