package io.bida.inbox;

import io.bida.message.BizId;
import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Deletes what a consumer group keeps of one message, wherever it is. Immutable and thread-safe. */
final class Eraser {

    private static final List<String> QUEUES = List.of("bida_inbox_queue", "bida_inbox_parked");
    private static final List<String> LEDGERS = List.of("bida_inbox_conflict", "bida_inbox");

    private final Dialect dialect;
    private final String group;

    Eraser(Dialect dialect, String group) {
        this.dialect = dialect;
        this.group = group;
    }

    /** Answers how many rows it deleted. */
    int erase(Handle tx, BizId bizId) throws SQLException {
        int rows = 0;
        for (String queue : QUEUES) {
            List<Long> seqs = find(tx, queue, bizId);
            rows += seqs.isEmpty() ? 0 : Direct.execute(tx, dialect.deleteByKey(queue, "seq", seqs, ""), List.of());
        }
        List<Object> key =
                List.of(dialect.identity(group), dialect.identity(bizId.scene()), dialect.identity(bizId.value()));
        for (String ledger : LEDGERS) {
            String delete = "DELETE FROM " + ledger + " WHERE consumer_group = ? AND scene = ? AND biz_id = ?";
            rows += Direct.execute(tx, delete, key);
        }
        return rows;
    }

    /** Read without a lock, because no index leads there; the database's comparison of text may be too generous. */
    private List<Long> find(Handle tx, String queue, BizId bizId) {
        return tx.createQuery("SELECT seq, consumer_group, COALESCE(scene, type), biz_id FROM " + queue
                        + " WHERE consumer_group = ? AND biz_id = ?")
                .bind(0, group)
                .bind(1, bizId.value())
                .map((row, context) ->
                        new Found(row.getLong(1), row.getString(2), new BizId(row.getString(3), row.getString(4))))
                .filter(found -> found.group().equals(group) && found.bizId().equals(bizId))
                .map(Found::seq)
                .list();
    }

    private record Found(long seq, String group, BizId bizId) {}
}
