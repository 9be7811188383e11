package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Somebody's wish for one message: it is given one, told that there is none, or withdrawn, whichever is first. Thread-safe. */
final class Ask {

    /** In which the relay tells who does not wait that nothing is ready, as long as it works. */
    private static final Duration A_TURN = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofDays(365);

    private final Duration wait;
    private final CompletableFuture<Optional<Given>> answer = new CompletableFuture<>();

    /** @param wait until it is withdrawn; nothing: only what is ready is wanted */
    Ask(Duration wait) {
        this.wait = wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    }

    /** A message, and where its receipt goes. */
    record Given(Claim.Sendable claim, CompletableFuture<Receipt> receipt) {

        /** What is thrown is no answer. */
        void handle(Function<Claim.Sendable, Receipt> handler) {
            try {
                receipt.complete(handler.apply(claim));
            } catch (RuntimeException | Error e) {
                receipt.completeExceptionally(e);
            }
        }
    }

    boolean isPatient() {
        return wait.compareTo(Duration.ZERO) > 0;
    }

    boolean isAnswered() {
        return answer.isDone();
    }

    /** False when it was withdrawn. */
    boolean give(Given given) {
        return answer.complete(Optional.of(given));
    }

    void none() {
        answer.complete(Optional.empty());
    }

    /**
     * Whoever was given a message has to handle it.
     *
     * @throws InterruptedException when none was given
     */
    Optional<Given> await() throws InterruptedException {
        try {
            return answer.get((isPatient() ? wait : A_TURN).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return withdrawn();
        } catch (InterruptedException e) {
            Optional<Given> given = withdrawn();
            if (given.isEmpty()) {
                throw e;
            }
            Thread.currentThread().interrupt();
            return given;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** It may have been given one at that moment. */
    private Optional<Given> withdrawn() {
        none();
        return answer.join();
    }
}
