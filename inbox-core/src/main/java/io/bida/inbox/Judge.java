package io.bida.inbox;

import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.sql.Dialect;
import io.bida.transport.Answer;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells what a failure means for the message, in a sentence. Immutable and thread-safe. */
final class Judge {

    private final String group;

    Judge(String group) {
        this.group = group;
    }

    /** Nothing of the message was kept; whether it can be handled another time. */
    Answer failed(Message message, Throwable failure) {
        if (failure instanceof RefusedException refused) {
            return new Answer.Rejected(sentence(refused));
        }
        return new Answer.Retry(
                failure instanceof UnknownCommit unknown
                        ? named(message) + " was handled, but its commit was not confirmed; delivered again, it is"
                                + " handled or found to be a duplicate. " + cause(unknown.getCause())
                        : notHandled(message) + cause(failure));
    }

    /** An earlier message of its ordering key was not handled, so this one was not tried. */
    Answer behind(Message message) {
        return new Answer.Retry(notHandled(message) + "An earlier message of its ordering key was not handled.");
    }

    /** The biz-id was handled before, or earlier in the same batch. */
    Finding again(Message message, Entry earlier) {
        String hash = Entry.of(message, null).hash();
        if (hash.equals(earlier.hash())) {
            return new Finding(message, new Answer.Duplicate(earlier.outcome()));
        }
        Answer conflict = new Answer.Conflict(named(message) + " has another payload (hash " + hash
                + ") than the message handled before under scene '" + message.scene() + "' and biz-id '"
                + message.bizId().value() + "' (hash " + earlier.hash() + "); it was not handled.");
        return new Finding(message, conflict, earlier);
    }

    /** Whether the database gave the transaction up for another one. */
    static boolean isRollback(Throwable failure, Dialect dialect) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e && dialect.isRollback(e)) {
                return true;
            }
        }
        return false;
    }

    String named(Message message) {
        return "Group " + group + ": message " + message.id() + " (" + message.bizId() + ")";
    }

    private String notHandled(Message message) {
        return named(message) + " was not handled, nothing of it was kept, and it is to be delivered again. ";
    }

    static String cause(Throwable failure) {
        return failure.getClass().getName() + ": " + sentence(failure);
    }

    private static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? "no message." : message;
    }

    /** The database rolled back in favour of another transaction, though no statement of the inbox said so. */
    static final class LostTransaction extends RuntimeException {

        LostTransaction(String what, @Nullable Throwable cause) {
            super(what, cause);
        }
    }

    /** The database could not be reached, so nothing was begun. */
    static final class NoConnection extends RuntimeException {

        NoConnection(ConnectionException cause) {
            super("no connection to the database: " + sentence(cause), cause);
        }
    }

    /** The connection was lost at the commit, so nobody knows whether it took place. */
    static final class UnknownCommit extends RuntimeException {

        private final SQLException loss;

        UnknownCommit(SQLException loss) {
            super(loss);
            this.loss = loss;
        }

        @Override
        public SQLException getCause() {
            return loss;
        }
    }
}
