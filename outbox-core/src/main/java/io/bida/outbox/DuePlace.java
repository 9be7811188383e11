package io.bida.outbox;

import java.time.Instant;

/** A place among the parked messages of one state, in the order of the times when they are due. */
public record DuePlace(Instant dueAt, long seq) {}
