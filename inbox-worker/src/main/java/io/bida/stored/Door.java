package io.bida.stored;

import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import io.bida.sql.OwnTransaction;
import io.bida.transport.Answer;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Handles claimed messages, each in one transaction. Thread-safe.
 *
 * <ol>
 *   <li>The message's row is locked. One that is gone, or that another worker has locked, is his: he was paused, perhaps,
 *       and nobody is to wait for him here.
 *   <li>The inbox registers the message in the ledger and runs the handler.
 *   <li>Handled now or before: the row is removed, and all is committed. Anything else is rolled back.
 * </ol>
 *
 * A transaction that the database gave up for another one is repeated a few times.
 */
final class Door {

    private static final int REPEATS = 3;
    private static final int PAUSE_MILLIS = 20;

    private final Jdbi jdbi;
    private final DurableQueue queue;
    private final Inbox inbox;
    private final Handler handler;

    Door(Jdbi jdbi, DurableQueue queue, Inbox inbox, Handler handler) {
        this.jdbi = jdbi;
        this.queue = queue;
        this.inbox = inbox;
        this.handler = handler;
    }

    Answer handle(Claim.Sendable claim) {
        for (int repeat = 0; ; repeat++) {
            Try once = new Try(claim);
            try {
                Answer answer = once.answer();
                if (repeat == REPEATS || !once.wasGivenUp(null)) {
                    return answer;
                }
            } catch (SQLException | RuntimeException e) {
                if (repeat == REPEATS || !once.wasGivenUp(e)) {
                    return new Answer.Retry("Not handled, or its commit was not confirmed: " + e.getMessage());
                }
            }
            pause(repeat);
        }
    }

    /** Two that met once are not to meet again. */
    private static void pause(int repeat) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(1, PAUSE_MILLIS << repeat));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One transaction. */
    private final class Try {

        private final Claim.Sendable claim;
        private @Nullable Dialect dialect;
        private @Nullable Throwable failure;

        Try(Claim.Sendable claim) {
            this.claim = claim;
        }

        Answer answer() throws SQLException {
            try (Handle tx = jdbi.open()) {
                Dialect known = Dialect.of(tx.getConnection());
                dialect = known;
                try (OwnTransaction own = OwnTransaction.begin(tx.getConnection(), known)) {
                    if (!queue.lock(tx, known, claim.row())) {
                        return new Answer.Retry("Another worker handles it, or has handled or parked it.");
                    }
                    Answer answer = inbox.handle(tx, claim.message(), this::run);
                    if (answer instanceof Answer.Handled || answer instanceof Answer.Duplicate) {
                        queue.remove(tx, known, claim.row());
                        own.commit();
                    }
                    return answer;
                }
            }
        }

        private void run(Handle tx, Message message) throws Exception {
            try {
                handler.handle(tx, message);
            } catch (Exception e) {
                failure = e;
                throw e;
            }
        }

        /** Whether the database rolled back in favour of another transaction. */
        boolean wasGivenUp(@Nullable Throwable thrown) {
            for (Throwable cause = thrown == null ? failure : thrown; cause != null; cause = cause.getCause()) {
                if (dialect != null && cause instanceof SQLException e && dialect.isRollback(e)) {
                    return true;
                }
            }
            return false;
        }
    }
}
