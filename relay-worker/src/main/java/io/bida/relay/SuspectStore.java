package io.bida.relay;

import io.bida.message.MessageId;
import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The statements on messages that were under way when a relay ended. */
final class SuspectStore {

    private final Dialect dialect;
    private final DurableQueue queue;
    private final String table;
    private final String own;
    private final String node;

    SuspectStore(Dialect dialect, DurableQueue queue, String node) {
        this.dialect = dialect;
        this.queue = queue;
        this.table = queue.suspects();
        this.own = queue.and(dialect);
        this.node = node;
    }

    /** Those of some shards, each with the number of crashes it was under way at. */
    Map<MessageId, Integer> load(Handle handle, Set<Integer> shards) {
        prune(handle);
        Map<MessageId, Integer> crashes = new HashMap<>();
        handle.createQuery("SELECT message_id, crashes FROM " + table + " WHERE crashes > 0 AND shard IN ("
                        + join(shards) + ")" + own)
                .map((row, context) -> Map.entry(dialect.messageId(row, "message_id"), row.getInt("crashes")))
                .forEach(suspect -> crashes.put(suspect.getKey(), suspect.getValue()));
        return crashes;
    }

    /**
     * Forgets those whose messages have gone. Read first and deleted by their keys: a DELETE that looks for the messages
     * itself waits, on MySQL, for every row of the queue that another relay has locked and was paused with.
     */
    void prune(Handle handle) {
        List<MessageId> gone = handle.createQuery("""
                        SELECT s.message_id FROM %1$s s
                        WHERE NOT EXISTS (SELECT 1 FROM %2$s o WHERE o.seq = s.seq)
                          AND NOT EXISTS (SELECT 1 FROM %3$s p WHERE p.seq = s.seq)%4$s""".formatted(table, queue.hot(), queue.parked(), own))
                .map((row, context) -> dialect.messageId(row, "message_id"))
                .list();
        if (!gone.isEmpty()) {
            handle.execute("DELETE FROM " + table + whereIn(gone));
        }
    }

    /**
     * Writes down what is about to be under way.
     *
     * @param crashes that each was under way at before
     */
    void note(Handle handle, List<Claim> claims, Map<MessageId, Integer> crashes) {
        List<Claim.Row> rows = claims.stream().map(Claim::row).toList();
        handle.execute("DELETE FROM " + table
                + whereIn(rows.stream().map(Claim.Row::messageId).toList()));
        handle.createUpdate("INSERT INTO " + table + " (" + queue.column()
                        + "message_id, seq, shard, node, crashes, noted_at) VALUES "
                        + rows.stream()
                                .map(row -> values(row, crashes.getOrDefault(row.messageId(), 0)))
                                .distinct()
                                .collect(Collectors.joining(", ")))
                .bind("node", node)
                .execute();
    }

    private String values(Claim.Row row, int crashes) {
        return "(" + queue.value(dialect) + dialect.literal(row.messageId()) + ", " + row.seq() + ", " + row.shard()
                + ", :node, " + crashes + ", " + dialect.now() + ")";
    }

    /** These are under way no more; what they were suspected of is remembered. */
    void rest(Handle handle, Collection<MessageId> ids) {
        handle.execute("DELETE FROM " + table + whereIn(ids) + " AND crashes = 0");
        handle.execute("UPDATE " + table + " SET node = NULL" + whereIn(ids));
    }

    private String whereIn(Collection<MessageId> ids) {
        return ids.stream()
                .map(dialect::literal)
                .collect(Collectors.joining(", ", " WHERE message_id IN (", ")" + own));
    }

    /** What was under way in these shards was so at one crash more. */
    void crashed(Handle handle, Collection<Integer> shards) {
        handle.execute(
                "UPDATE " + table + " SET crashes = crashes + 1, node = NULL WHERE node IS NOT NULL AND shard IN ("
                        + join(shards) + ")" + own);
    }

    /** These were under way when others took their shards over, but took nothing down: this relay lives. */
    void acquit(Handle handle, Collection<MessageId> ids) {
        handle.createUpdate("UPDATE " + table + " SET crashes = crashes - 1" + whereIn(ids)
                        + " AND crashes > 0 AND (node IS NULL OR node <> :node)")
                .bind("node", node)
                .execute();
    }

    private static String join(Collection<Integer> shards) {
        return shards.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
