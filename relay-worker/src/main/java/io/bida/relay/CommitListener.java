package io.bida.relay;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears from PostgreSQL that messages were committed, while the claimer sleeps. One turn:
 *
 * <ol>
 *   <li>Wait until the claimer has found nothing for a while.
 *   <li>Take the lock that makes the next insert notify: not to be had while another relay has it, which does as well,
 *       nor while a transaction is open that inserted without notifying.
 *   <li>Have the claimer look once more, for what was committed before the lock was taken.
 *   <li>Wait for a notification, wake the claimer, give the lock back.
 * </ol>
 *
 * The lock and the channel stand in the schema, in the trigger of {@code bida_outbox}.
 */
final class CommitListener {

    private static final Duration SLEEP = Duration.ofMillis(100);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration HEAR = Duration.ofMillis(250);
    private static final int FOR_EVER = Integer.MAX_VALUE;
    /** Times {@link #HEAR}: when another relay has the lock it need not be asked for often. */
    private static final int WITHOUT_LOCK = 8;

    private static final String LOCK = "(1651074145, 1)";

    /** What a session needs for it, and what takes that back. */
    static final List<String> LISTEN = List.of("LISTEN bida_outbox");

    static final List<String> UNLISTEN = List.of("SELECT pg_advisory_unlock_all()", "UNLISTEN bida_outbox");

    private final Session session;
    private final Claimer claimer;
    private final Pause pause = new Pause();
    private volatile boolean stopping;

    /** @param session that {@link #LISTEN}s */
    CommitListener(Session session, Claimer claimer) {
        this.session = session;
        this.claimer = claimer;
    }

    void turn() throws InterruptedException {
        if (!claimer.hasSlept(SLEEP)) {
            pause.await(LOOK);
            return;
        }
        boolean locked = session.query(CommitListener::lock);
        if (locked) {
            claimer.wake();
        }
        if (session.query(handle -> hear(handle, locked ? FOR_EVER : WITHOUT_LOCK))) {
            claimer.wake();
        }
        if (locked) {
            session.query(CommitListener::unlock);
        }
    }

    void stop() {
        stopping = true;
        pause.signal();
    }

    private static boolean lock(Handle handle) {
        return handle.createQuery("SELECT pg_try_advisory_lock" + LOCK)
                .mapTo(Boolean.class)
                .one();
    }

    private static boolean unlock(Handle handle) {
        return handle.createQuery("SELECT pg_advisory_unlock" + LOCK)
                .mapTo(Boolean.class)
                .one();
    }

    /** Answers whether there was a notification; ends, too, when the claimer found something by itself. */
    private boolean hear(Handle handle, int most) {
        try {
            PGConnection connection = handle.getConnection().unwrap(PGConnection.class);
            for (int listened = 0; listened < most && !stopping && claimer.hasSlept(SLEEP); listened++) {
                PGNotification[] notifications = connection.getNotifications((int) HEAR.toMillis());
                if (notifications != null && notifications.length > 0) {
                    return true;
                }
            }
            return false;
        } catch (SQLException e) {
            throw new IllegalStateException("Listening for commits failed: " + e.getMessage(), e);
        }
    }
}
