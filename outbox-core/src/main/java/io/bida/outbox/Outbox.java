package io.bida.outbox;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/**
 * The application's door: publishes messages in the caller's transaction, so that they are sent when it commits and
 * never when it rolls back. Costs one multi-row INSERT and no commit. Thread-safe; one per application is enough.
 *
 * <pre>{@code
 * outbox.publish(transaction, Message.to("orders.paid").type("OrderPaid").bizId("order-42").payload(json).build());
 * }</pre>
 *
 * <p>Every publish ends in one of two ways: all its messages are part of the transaction, or an exception says why none
 * is. After a {@link RefusedException} nothing was sent to the database and the transaction can go on; after any other
 * {@link BidaException} it should be rolled back.
 */
public final class Outbox {

    /** Fits the smallest default packet of the databases (16 MiB) also when every byte is escaped. */
    public static final int DEFAULT_MAX_PAYLOAD = 7 << 20;

    private final MessageInsert insert;
    private final Runnable onPublish;

    private Outbox(int maxPayload, Runnable onPublish) {
        this.insert = new MessageInsert(maxPayload);
        this.onPublish = onPublish;
    }

    public static Outbox create() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public void publish(Connection transaction, Message message) {
        publish(transaction, List.of(message));
    }

    /** Publishes in the order given, through a connection with auto-commit off. */
    public void publish(Connection transaction, List<Message> messages) {
        insert.write(transaction, messages);
        onPublish.run();
    }

    public void publish(Handle transaction, Message message) {
        publish(transaction, List.of(message));
    }

    /** Publishes in the order given, in the handle's transaction; a relay in this process is woken by its commit. */
    public void publish(Handle transaction, List<Message> messages) {
        insert.write(transaction.getConnection(), messages);
        transaction.afterCommit(onPublish);
    }

    public void publish(DataSource boundToTransaction, Message message) {
        publish(boundToTransaction, List.of(message));
    }

    /**
     * Publishes in the order given, through a data source whose connections are bound to the running transaction, such
     * as Spring's {@code TransactionAwareDataSourceProxy}. Not for a pool's own data source: its connections belong to
     * no transaction of the caller, and one with auto-commit off would roll the message back when it is given back.
     */
    public void publish(DataSource boundToTransaction, List<Message> messages) {
        try (Connection transaction = boundToTransaction.getConnection()) {
            publish(transaction, messages);
        } catch (SQLException e) {
            throw new BidaException("No connection to publish through: " + e.getMessage() + " Nothing was written.", e);
        }
    }

    /** Not thread-safe. */
    public static final class Builder {

        private int maxPayload = DEFAULT_MAX_PAYLOAD;
        private Runnable onPublish = () -> {};

        private Builder() {}

        /** The largest payload in bytes; mind the database's packet limit ({@code max_allowed_packet}). */
        public Builder maxPayload(int bytes) {
            if (bytes < 0) {
                throw new RefusedException("maxPayload is " + bytes + ": a size in bytes is expected.");
            }
            this.maxPayload = bytes;
            return this;
        }

        /** Called after messages were written, at the commit where it is known: {@code relay::wake}. Must not block. */
        public Builder onPublish(Runnable onPublish) {
            this.onPublish = onPublish;
            return this;
        }

        public Outbox build() {
            return new Outbox(maxPayload, onPublish);
        }
    }
}
