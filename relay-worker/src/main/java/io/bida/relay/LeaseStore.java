package io.bida.relay;

import io.bida.outbox.DurableQueue;
import io.bida.outbox.Shards;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The statements on leases and nodes. Only the database's clock counts. Leases are written by their keys: a scan would wait
 * for rows that a relay has locked which was paused in the middle of a settlement.
 */
final class LeaseStore {

    private final Dialect dialect;
    private final DurableQueue queue;
    private final String own;
    private final String node;
    private final String leaseEnd;
    private final String leaseAgo;
    private final SuspectStore suspects;

    LeaseStore(Dialect dialect, DurableQueue queue, String node, Duration lease) {
        this.dialect = dialect;
        this.queue = queue;
        this.own = queue.and(dialect);
        this.node = node;
        this.suspects = new SuspectStore(dialect, queue, node);
        this.leaseEnd = dialect.nowPlus(String.valueOf(lease.toNanos() / 1_000));
        this.leaseAgo = dialect.nowPlus(String.valueOf(-lease.toNanos() / 1_000));
    }

    /** Whether the queue has leases; those of a group are made when it is there for the first time. */
    static boolean prepare(Handle handle, Dialect dialect, DurableQueue queue) {
        int leases = handle.createQuery("SELECT COUNT(*) FROM " + queue.leases() + queue.where(dialect))
                .mapTo(Integer.class)
                .one();
        if (queue.isShared() && leases < Shards.COUNT) {
            String rows = IntStream.range(0, Shards.COUNT)
                    .mapToObj(shard -> "(" + queue.value(dialect) + shard + ")")
                    .collect(Collectors.joining(", "));
            handle.execute("INSERT INTO " + queue.leases() + " (" + queue.column() + "shard) VALUES " + rows + " "
                    + dialect.keepExisting(queue.leases(), "shard"));
            return true;
        }
        return leases > 0;
    }

    String node() {
        return node;
    }

    /** @param free whether nobody holds it now */
    record Lease(int shard, @Nullable String owner, long epoch, boolean free) {}

    void join(Handle handle, String name) {
        handle.execute("DELETE FROM " + queue.nodes() + " WHERE heartbeat_at < " + dialect.nowPlus("-3600000000"));
        handle.createUpdate("INSERT INTO " + queue.nodes() + " (" + queue.column()
                        + "node, name, started_at, heartbeat_at) VALUES (" + queue.value(dialect) + ":node, :name, "
                        + dialect.now() + ", " + dialect.now() + ")")
                .bind("node", node)
                .bind("name", name)
                .execute();
    }

    /**
     * Renews leases, as far as they are this node's, and shows that it lives; false when the node's row is gone.
     */
    boolean renew(Handle handle, Set<Integer> shards) {
        update(handle, "expires_at = " + leaseEnd, shards, "AND owner = :node");
        return handle.createUpdate("UPDATE " + queue.nodes() + " SET heartbeat_at = " + dialect.now()
                                + " WHERE node = :node")
                        .bind("node", node)
                        .execute()
                == 1;
    }

    /**
     * All leases, and the nodes that were heard of within the lease's time, both in order.
     *
     * @param nodes this one too, when it has joined
     */
    record View(List<Lease> leases, List<String> nodes) {}

    View look(Handle handle) {
        List<Lease> leases = new ArrayList<>();
        List<String> nodes = new ArrayList<>();
        String sql = """
                SELECT shard, owner, epoch, CASE WHEN owner IS NULL OR expires_at <= %1$s THEN 1 ELSE 0 END AS free
                FROM %3$s%4$s
                UNION ALL SELECT -1, node, 0, 0 FROM %5$s WHERE heartbeat_at > %2$s%6$s
                ORDER BY 1, 2""".formatted(dialect.now(), leaseAgo, queue.leases(), queue.where(dialect), queue.nodes(), own);
        handle.createQuery(sql)
                .map((row, context) ->
                        new Lease(row.getInt(1), row.getString(2), row.getLong(3), row.getInt("free") == 1))
                .forEach(lease -> {
                    if (lease.shard() >= 0) {
                        leases.add(lease);
                    } else {
                        nodes.add(lease.owner());
                    }
                });
        return new View(leases, nodes);
    }

    /**
     * Takes those that are still free, each with the next epoch. One that is locked is left for another time: its relay
     * may have been paused or cut off in the middle of a settlement, and waiting for it would cost all other leases.
     * Answers those of them that had not been given back.
     */
    Set<Integer> take(Handle handle, Collection<Integer> shards) {
        String free = " WHERE shard IN (" + join(shards) + ") AND (owner IS NULL OR expires_at <= " + dialect.now()
                + ")" + own;
        return handle.inTransaction(transaction -> {
            Set<Integer> unlocked = new HashSet<>();
            Set<Integer> abandoned = new HashSet<>();
            transaction
                    .createQuery("SELECT shard, owner FROM " + queue.leases() + free
                            + " ORDER BY shard FOR UPDATE SKIP LOCKED")
                    .map((row, context) -> new Lease(row.getInt("shard"), row.getString("owner"), 0, true))
                    .forEach(lease -> {
                        unlocked.add(lease.shard());
                        if (lease.owner() != null) {
                            abandoned.add(lease.shard());
                        }
                    });
            if (!unlocked.isEmpty()) {
                update(transaction, "owner = :node, epoch = epoch + 1, expires_at = " + leaseEnd, unlocked, "");
            }
            if (!abandoned.isEmpty()) {
                suspects.crashed(transaction, abandoned);
            }
            return abandoned;
        });
    }

    void release(Handle handle, Collection<Integer> shards) {
        update(handle, "owner = NULL, expires_at = " + dialect.now(), shards, "AND owner = :node");
    }

    private void update(Handle handle, String set, Collection<Integer> shards, String andCondition) {
        if (!shards.isEmpty()) {
            List<Long> keys = shards.stream().map(Integer::longValue).toList();
            handle.createUpdate(dialect.updateByKey(queue.leases(), set, "shard", keys, andCondition + own))
                    .bind("node", node)
                    .execute();
        }
    }

    void leave(Handle handle, Set<Integer> shards) {
        release(handle, shards);
        part(handle);
    }

    /** Is no longer counted among the nodes; keeps its leases. */
    void part(Handle handle) {
        handle.createUpdate("DELETE FROM " + queue.nodes() + " WHERE node = :node")
                .bind("node", node)
                .execute();
    }

    private static String join(Collection<Integer> shards) {
        return shards.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
