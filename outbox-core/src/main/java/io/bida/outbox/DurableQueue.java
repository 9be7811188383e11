package io.bida.outbox;

import io.bida.message.BidaException;
import io.bida.outbox.Claim.Row;
import io.bida.sql.Dialect;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one queue that a relay moves: the outbox, or what one consumer group has stored to be handled, which
 * shares its tables with other groups.
 *
 * @param hot what can be sent now
 * @param parked what cannot, or not yet
 * @param leases which node may send which shard
 * @param nodes the live ones
 * @param suspects what was under way when a node ended
 * @param attempts the failed ones
 * @param group whose rows alone are meant; null: all rows
 * @param senderRemoves whether the sender itself has removed what it accepted, by {@link #remove}
 */
public record DurableQueue(
        String hot,
        String parked,
        String leases,
        String nodes,
        String suspects,
        String attempts,
        @Nullable String group,
        boolean senderRemoves) {

    public static final DurableQueue OUTBOX = new DurableQueue(
            "bida_outbox",
            "bida_outbox_parked",
            "bida_lease",
            "bida_node",
            "bida_suspect",
            "bida_attempt",
            null,
            false);

    private static final int MAX_GROUP = 64;

    public DurableQueue {
        if (group != null) {
            requireGroup(group);
        }
    }

    private static void requireGroup(String group) {
        int length = group.codePointCount(0, group.length());
        if (length < 1 || length > MAX_GROUP || !group.equals(group.strip()) || group.indexOf('\0') >= 0) {
            throw new BidaException("A consumer group has 1 to " + MAX_GROUP
                    + " characters, no spaces around it and no null character: '" + group.replace('\0', '?') + "'.");
        }
    }

    /** What a consumer group has stored: {@code bida_inbox_queue} and the tables around it. */
    public static DurableQueue ofGroup(String group, boolean senderRemoves) {
        return new DurableQueue(
                "bida_inbox_queue",
                "bida_inbox_parked",
                "bida_inbox_lease",
                "bida_inbox_node",
                "bida_inbox_suspect",
                "bida_inbox_attempt",
                group,
                senderRemoves);
    }

    /** Whether there are rows of others in the tables. */
    public boolean isShared() {
        return group != null;
    }

    /** Of these rows alone, as the only condition of a statement. */
    public String where(Dialect dialect) {
        return group == null ? "" : " WHERE " + own(dialect, group);
    }

    /** Of these rows alone, as a further condition. */
    public String and(Dialect dialect) {
        return group == null ? "" : " AND " + own(dialect, group);
    }

    private static String own(Dialect dialect, String group) {
        return "consumer_group = " + dialect.literal(group);
    }

    /** What a list of columns begins with, so that a row says whose it is. */
    public String column() {
        return group == null ? "" : "consumer_group, ";
    }

    /** The value of {@link #column()}. */
    public String value(Dialect dialect) {
        return group == null ? "" : dialect.literal(group) + ", ";
    }

    /** What an INSERT that parks ends with: a message that was stored again after it had been parked is parked once. */
    String keepingFirst(Dialect dialect) {
        return group == null ? "" : " " + dialect.keepExisting(parked, "state");
    }

    /** Where a claimed row is. */
    String table(Row row) {
        return row.place().isHot() ? hot : parked;
    }

    /**
     * Locks a row in the handle's transaction, without waiting; false when it is not where it was claimed any more, or
     * when another transaction has locked it.
     */
    public boolean lock(Handle tx, Dialect dialect, Row row) {
        String lock = dialect.lockByKey("seq", table(row), "seq", List.of(row.seq()), andUnchanged(dialect, row));
        return Direct.exists(tx, lock + " SKIP LOCKED");
    }

    /** Removes a row in the handle's transaction. */
    public void remove(Handle tx, Dialect dialect, Row row) {
        Direct.execute(tx, dialect.deleteByKey(table(row), "seq", List.of(row.seq()), andUnchanged(dialect, row)));
    }

    private static String andUnchanged(Dialect dialect, Row row) {
        return Direct.andIds(dialect, List.of(row.messageId()))
                + (row.place().isHot() ? "" : " AND state = '" + row.place() + "'");
    }
}
