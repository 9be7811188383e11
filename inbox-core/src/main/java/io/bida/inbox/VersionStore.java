package io.bida.inbox;

import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * The newest version of each entity that a consumer group handled, {@code bida_inbox_version}. Immutable.
 *
 * <p>A row may go when nothing has moved it on for as long as the ledger remembers a message: an older version was made
 * before the newest one, and one that could still be delivered later than that could take effect twice anyway.
 */
final class VersionStore {

    /** How much longer than need be a row is kept, so that its index is not written at each version. */
    private static final Duration MARGIN = Duration.ofDays(1);

    private final Dialect dialect;
    private final String group;
    private final String end;
    private final String laterEnd;

    VersionStore(Dialect dialect, String group, Duration retention) {
        this.dialect = dialect;
        this.group = group;
        this.end = InboxStore.after(dialect, retention);
        this.laterEnd = InboxStore.after(dialect, retention.plus(MARGIN));
    }

    /**
     * Moves an entity on, after waiting for whoever is moving it; others wait from then on until this transaction ends.
     *
     * @return whether the version is newer than all before; if not, nothing was changed
     */
    boolean advance(Handle tx, EntityVersion to) throws SQLException {
        // Where another transaction wrote the first version meanwhile, the second look is against that one.
        return update(tx, to) || insert(tx, to) || update(tx, to);
    }

    private boolean update(Handle tx, EntityVersion to) throws SQLException {
        String sql = """
                UPDATE bida_inbox_version %s
                SET version = ?, handled_at = %s,
                    expires_at = CASE WHEN expires_at < %s THEN %s ELSE expires_at END
                WHERE consumer_group = ? AND entity = ? AND version < ?""".formatted(dialect.keepToKey(), dialect.now(), end, laterEnd);
        return Direct.execute(
                        tx,
                        sql,
                        List.of(to.version(), dialect.identity(group), dialect.identity(to.entity()), to.version()))
                == 1;
    }

    private boolean insert(Handle tx, EntityVersion to) throws SQLException {
        String sql =
                "INSERT INTO bida_inbox_version (consumer_group, entity, version, handled_at, expires_at) VALUES (?, ?, ?, "
                        + dialect.now() + ", " + laterEnd + ")";
        return NewRows.insert(
                tx, dialect, sql, 1, List.of(dialect.identity(group), dialect.identity(to.entity()), to.version()));
    }
}
