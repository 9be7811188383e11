package io.bida.transport.jdbc;

import io.bida.message.BidaException;
import io.bida.stored.StoredInbox;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import javax.sql.DataSource;

/**
 * Takes the messages of one consumer group from {@code bida_inbox_queue} and gives them to an intake; any number of
 * receivers share the work. Thread-safe.
 *
 * <p>It is a {@link StoredInbox} with an intake in the place of its handler. A message is removed after the intake has
 * answered, so a crash between gives it again, as a duplicate. Who handles in the queue's own database needs no intake:
 * {@link StoredInbox.Builder#handler} saves one transaction per message.
 */
public final class JdbcReceiver implements Receiver {

    private final StoredInbox inbox;

    private JdbcReceiver(StoredInbox inbox) {
        this.inbox = inbox;
    }

    /**
     * Begins to give the messages of the group to the intake, from several threads.
     *
     * @throws BidaException when the database cannot be reached or has no Bida tables
     */
    public static JdbcReceiver start(DataSource database, String group, Intake intake) {
        StoredInbox inbox =
                StoredInbox.forGroup(group).on(database).intake(intake).build();
        inbox.start();
        return new JdbcReceiver(inbox);
    }

    /** Looks at the table now: a message was committed. */
    public void wake() {
        inbox.wake();
    }

    @Override
    public void close() {
        inbox.close();
    }
}
