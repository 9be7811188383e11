package io.bida.outbox;

import io.bida.message.Message;
import io.bida.outbox.Claim.Row;
import io.bida.outbox.Settlement.Delivered;
import io.bida.sql.Dialect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of one settlement. On the happy path: one DELETE, one INSERT when history is on, one COMMIT. */
final class SettlementWriter {

    private final ParkingWriter parking;
    private final Dialect dialect;
    private final DurableQueue queue;
    private final String node;
    private final boolean history;

    SettlementWriter(Dialect dialect, DurableQueue queue, String node, boolean history) {
        this.parking = new ParkingWriter(dialect, queue, node);
        this.dialect = dialect;
        this.queue = queue;
        this.node = node;
        this.history = history;
    }

    void write(Handle handle, List<Settlement> settlements) {
        List<Delivered> delivered = select(settlements, Delivered.class);
        List<Settlement> undelivered =
                settlements.stream().filter(s -> !(s instanceof Delivered)).toList();
        park(handle, stillLeased(handle, undelivered));
        remove(handle, delivered);
    }

    /** A row that is there and not to be had is another transaction's; one that is gone is nobody's. */
    List<Settlement> unlocked(Handle handle, List<Settlement> settlements) {
        Set<Long> locked = new HashSet<>();
        for (String table : List.of(queue.hot(), queue.parked())) {
            List<Row> rows = rows(settlements, row -> queue.table(row).equals(table));
            if (!rows.isEmpty()) {
                String present = "SELECT seq FROM " + table + " WHERE seq IN (" + Direct.list(Direct.seqs(rows)) + ")";
                locked.addAll(handle.createQuery(present).mapTo(Long.class).list());
                handle.createQuery(present + " FOR UPDATE SKIP LOCKED")
                        .mapTo(Long.class)
                        .forEach(locked::remove);
            }
        }
        return settlements.stream()
                .filter(settlement -> !locked.contains(settlement.claim().row().seq()))
                .toList();
    }

    private void remove(Handle handle, List<Delivered> delivered) {
        if (delivered.isEmpty() || queue.senderRemoves()) {
            return;
        }
        if (history) {
            record(handle, delivered);
        }
        List<Row> hot = rows(delivered, row -> row.place().isHot());
        if (deleteHot(handle, hot) < hot.size()) {
            // Cancelled while it was under way, perhaps: it was delivered all the same.
            deleteParked(handle, hot, " AND state = 'CANCELLED'");
        }
        deleteParked(handle, rows(delivered, row -> !row.place().isHot()), "");
    }

    /** A creation that the row told as no time, such as a zero date or infinity, is remembered as the delivery's. */
    private void record(Handle handle, List<Delivered> delivered) {
        String row = "(?, ?, ?, ?, ?, COALESCE(?, " + dialect.now() + "), " + dialect.now() + ", ?, ?, ?)";
        List<@Nullable Object> values = new ArrayList<>();
        for (Delivered each : delivered) {
            Message message = each.claim().message();
            values.add(dialect.bind(message.id()));
            values.add(message.scene());
            values.add(message.bizId().value());
            values.add(message.topic());
            values.add(message.orderingKey());
            values.add(message.createdAt() == null ? null : dialect.bind(message.createdAt()));
            values.add(each.claim().row().attempts() + 1);
            values.add(StoredText.head(each.proof(), StoredText.MAX_PROOF));
            values.add(node);
        }
        Direct.execute(
                handle,
                """
                INSERT INTO bida_outbox_history
                    (message_id, scene, biz_id, topic, ordering_key, created_at, delivered_at, attempts, proof, node)
                VALUES\s""" + (row + ", ").repeat(delivered.size() - 1) + row + " "
                        + dialect.keepExisting("bida_outbox_history", "message_id"),
                values.toArray());
    }

    private void park(Handle handle, List<Settlement> settlements) {
        if (!settlements.isEmpty()) {
            parking.write(handle, settlements);
            deleteHot(handle, rows(settlements, row -> row.place().isHot()));
        }
    }

    /** Locks the leases until the commit, so that nobody can take a shard while its rows are being changed. */
    private List<Settlement> stillLeased(Handle handle, List<Settlement> settlements) {
        if (settlements.isEmpty()) {
            return settlements;
        }
        List<Long> shards = settlements.stream()
                .map(s -> (long) s.claim().row().shard())
                .distinct()
                .sorted()
                .toList();
        Map<Integer, Long> epochs = new HashMap<>();
        String own = "AND owner = :node" + queue.and(dialect);
        handle.createQuery(dialect.lockByKey("shard, epoch", queue.leases(), "shard", shards, own))
                .bind("node", node)
                .map((row, context) -> Map.entry(row.getInt("shard"), row.getLong("epoch")))
                .forEach(lease -> epochs.put(lease.getKey(), lease.getValue()));
        return settlements.stream()
                .filter(s -> Long.valueOf(s.claim().row().epoch())
                        .equals(epochs.get(s.claim().row().shard())))
                .toList();
    }

    private int deleteHot(Handle handle, List<Row> rows) {
        return rows.isEmpty()
                ? 0
                : Direct.execute(handle, dialect.deleteByKey(queue.hot(), "seq", Direct.seqs(rows), ""));
    }

    private void deleteParked(Handle handle, List<Row> rows, String andCondition) {
        if (!rows.isEmpty()) {
            Direct.execute(
                    handle,
                    dialect.deleteByKey(
                            queue.parked(),
                            "seq",
                            Direct.seqs(rows),
                            Direct.andIds(dialect, Direct.ids(rows)) + andCondition));
        }
    }

    private static <T> List<T> select(List<Settlement> settlements, Class<T> type) {
        return settlements.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static List<Row> rows(List<? extends Settlement> settlements, Predicate<Row> which) {
        return settlements.stream()
                .map(settlement -> settlement.claim().row())
                .filter(which)
                .toList();
    }
}
