package io.bida.inbox;

import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The newest version of each entity that a consumer group handled, {@code bida_inbox_version}. Immutable. */
final class VersionStore {

    private final Dialect dialect;
    private final String group;

    VersionStore(Dialect dialect, String group) {
        this.dialect = dialect;
        this.group = group;
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
                SET version = ?, handled_at = %s
                WHERE consumer_group = ? AND entity = ? AND version < ?""".formatted(dialect.keepToKey(), dialect.now());
        return Direct.execute(
                        tx,
                        sql,
                        List.of(to.version(), dialect.identity(group), dialect.identity(to.entity()), to.version()))
                == 1;
    }

    private boolean insert(Handle tx, EntityVersion to) throws SQLException {
        String sql = "INSERT INTO bida_inbox_version (consumer_group, entity, version, handled_at) VALUES (?, ?, ?, "
                + dialect.now() + ")";
        return NewRows.insert(
                tx, dialect, sql, 1, List.of(dialect.identity(group), dialect.identity(to.entity()), to.version()));
    }
}
