package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A {@link Sender} that needs to know the row of each message, to remove it by itself. Thread-safe. */
@FunctionalInterface
public interface ClaimSender {

    /** As {@link Sender#send}: one stage for each claim, in the order given. */
    List<CompletionStage<Receipt>> send(List<Claim.Sendable> claims);
}
