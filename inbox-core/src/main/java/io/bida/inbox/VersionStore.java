package io.bida.inbox;

import io.bida.sql.Dialect;
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
    boolean advance(Handle tx, EntityVersion to) {
        // Where another transaction wrote the first version meanwhile, the second look is against that one.
        return update(tx, to) || insert(tx, to) || update(tx, to);
    }

    private boolean update(Handle tx, EntityVersion to) {
        String sql = "UPDATE bida_inbox_version " + dialect.keepToKey() + " SET version = ?, handled_at = "
                + dialect.now() + " WHERE consumer_group = ? AND entity = ? AND version < ?";
        try (var update = tx.createUpdate(sql)) {
            return new Binding<>(update, dialect)
                            .value(to.version())
                            .id(group)
                            .id(to.entity())
                            .value(to.version())
                            .statement()
                            .execute()
                    == 1;
        }
    }

    private boolean insert(Handle tx, EntityVersion to) {
        String sql = "INSERT INTO bida_inbox_version (consumer_group, entity, version, handled_at) VALUES (?, ?, ?, "
                + dialect.now() + ")" + NewRows.end(dialect);
        try (var insert = tx.createUpdate(sql)) {
            new Binding<>(insert, dialect).id(group).id(to.entity()).value(to.version());
            return NewRows.insert(insert, 1, dialect);
        }
    }
}
