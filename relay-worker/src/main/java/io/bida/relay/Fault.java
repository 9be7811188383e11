package io.bida.relay;

import io.bida.transport.Receipt;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Why a message was not taken.
 *
 * @param outcome {@code rejected}, {@code failed} or {@code unknown}
 * @param reason what the sender said
 */
record Fault(String outcome, String reason) {

    static final Set<String> OUTCOMES = Set.of("rejected", "failed", "unknown");

    /** Empty when it was taken. */
    static Optional<Fault> of(Receipt receipt) {
        if (receipt instanceof Receipt.Rejected rejected) {
            return Optional.of(new Fault("rejected", rejected.reason()));
        }
        if (receipt instanceof Receipt.Failed failed) {
            return Optional.of(new Fault("failed", failed.reason()));
        }
        return receipt instanceof Receipt.Unknown unknown
                ? Optional.of(new Fault("unknown", unknown.reason()))
                : Optional.empty();
    }

    /** The reason of a message that died of it, from which {@link #inReason} reads it again. */
    String deadReason() {
        return outcome.substring(0, 1).toUpperCase(Locale.ROOT) + outcome.substring(1) + ": " + reason;
    }

    /** Empty when the message died of something else. */
    static Optional<Fault> inReason(String deadReason) {
        int colon = deadReason.indexOf(": ");
        String outcome = colon < 0 ? "" : deadReason.substring(0, colon).toLowerCase(Locale.ROOT);
        return OUTCOMES.contains(outcome)
                ? Optional.of(new Fault(outcome, deadReason.substring(colon + 2)))
                : Optional.empty();
    }
}
