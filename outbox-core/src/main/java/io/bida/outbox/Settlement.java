package io.bida.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is to become of a claimed row. */
public sealed interface Settlement {

    Claim claim();

    /** It was accepted: the row goes. */
    record Delivered(Claim.Sendable claim, String proof) implements Settlement {}

    /** It is to be sent again after a wait. */
    record Retry(Claim claim, Attempt attempt, Duration delay) implements Settlement {}

    /**
     * Its destination takes nothing at present, through no fault of the message: it waits without an attempt being
     * counted, and its ordering key waits with it.
     *
     * @param attempt that failed for the destination's sake; null when none was made
     */
    record Deferred(Claim claim, String reason, @Nullable Attempt attempt, Duration delay) implements Settlement {}

    /** It will not be sent again unless an operator says so. */
    record Dead(Claim claim, String reason, @Nullable Attempt attempt) implements Settlement {}

    /** It waits behind an earlier message of its ordering key. */
    record Held(Claim claim) implements Settlement {}

    /** It waits for its own time. */
    record Scheduled(Claim claim) implements Settlement {}

    /**
     * One failed attempt.
     *
     * @param number counted from 1
     * @param outcome {@code rejected}, {@code failed} or {@code unknown}
     */
    record Attempt(int number, String outcome, Duration took, String error) {}
}
