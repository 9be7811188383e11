package io.bida.outbox;

import io.bida.outbox.ClaimMapper.Found;
import io.bida.sql.Dialect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The relay's door to the tables of a queue: reads that lock nothing, and two writes, {@link #settle} and {@link #hasten}. Knows no policy.
 * Immutable and thread-safe; the handles are the caller's, at READ COMMITTED unless said otherwise.
 */
public final class OutboxStore {

    private static final String HELD_KEYS = """
            SELECT DISTINCT ordering_key, shard, state, topic, CASE WHEN state = 'DEAD' THEN last_error END AS reason
            FROM\s""";

    private final Dialect dialect;
    private final DurableQueue queue;
    /** A further condition: only rows of the queue. */
    private final String own;

    private final ClaimMapper mapper;
    private final LargePayloads payloads;
    private final SettlementWriter writer;
    private final Haste haste;
    private final String hot;
    private final String parked;

    /**
     * @param node the relay's name in attempts, history and leases
     * @param source of messages that name none; null: they have none
     * @param history whether delivered messages are recorded
     */
    public OutboxStore(Dialect dialect, DurableQueue queue, String node, @Nullable String source, boolean history) {
        this.dialect = dialect;
        this.queue = queue;
        this.own = queue.and(dialect);
        this.mapper = new ClaimMapper(dialect, source);
        this.payloads = new LargePayloads(dialect, queue);
        this.haste = new Haste(dialect, queue);
        this.writer = new SettlementWriter(dialect, queue, node, history);
        this.hot = mapper.select(queue.hot(), "'HOT' AS state, 0 AS attempts");
        this.parked = mapper.select(queue.parked(), "state, attempts");
    }

    /**
     * What is in the hot table after a number, in order.
     *
     * @param leases shard to epoch
     */
    public ClaimBatch after(Handle handle, long seq, Map<Integer, Long> leases, Room room) {
        List<Found> found = query(handle, hot + " WHERE seq > :seq" + in(leases) + own + " ORDER BY seq LIMIT :limit")
                .bind("seq", seq)
                .bind("limit", room.messages())
                .map(mapper.under(leases))
                .list();
        return payloads.within(handle, found, room);
    }

    /**
     * The numbers of these shards that are present in spans of the hot table, in order; on a handle at READ UNCOMMITTED,
     * where the dialect {@linkplain Dialect#showsOpenInserts() shows them}, those of open inserts too.
     */
    public List<Long> present(Handle handle, Collection<Span> spans, Set<Integer> shards, int limit) {
        return query(
                        handle,
                        "SELECT seq FROM " + queue.hot() + " WHERE " + Span.sql(spans) + in(shards) + own
                                + " ORDER BY seq LIMIT :limit")
                .bind("limit", limit)
                .mapTo(Long.class)
                .list();
    }

    /** Whether {@link #others} may find something: these shards are not all there is in the hot table. */
    public boolean hasOthers(Set<Integer> shards) {
        return queue.isShared() || shards.size() < Shards.COUNT;
    }

    /** The numbers that are present in a span of the hot table and not of these shards, or of another queue. */
    public List<Long> others(Handle handle, Span span, Set<Integer> shards) {
        String others = queue.isShared() ? " AND NOT (1 = 1" + in(shards) + own + ")" : in(Shards.except(shards));
        return query(handle, "SELECT seq FROM " + queue.hot() + " WHERE " + Span.sql(List.of(span)) + others)
                .mapTo(Long.class)
                .list();
    }

    /** These rows of the hot table, as far as they are committed and there. */
    public ClaimBatch those(Handle handle, Collection<Long> seqs, Map<Integer, Long> leases, Room room) {
        List<Found> found = query(
                        handle, hot + " WHERE seq IN (" + join(seqs) + ")" + own + " ORDER BY seq LIMIT :limit")
                .bind("limit", room.messages())
                .map(mapper.under(leases))
                .list();
        return payloads.within(handle, found, room);
    }

    /** The number that lies so many rows, whosever they are, after the given one; empty when there are not so many. */
    public Optional<Long> skip(Handle handle, long seq, int step) {
        return query(handle, "SELECT seq FROM " + queue.hot() + " WHERE seq > :seq ORDER BY seq LIMIT 1 OFFSET :step")
                .bind("seq", seq)
                .bind("step", step)
                .mapTo(Long.class)
                .findOne();
    }

    /** The transactions in flight that may have inserted into the hot table; empty where the dialect has no need for it. */
    public TransactionSpan transactions(Handle handle) {
        String sql = dialect.transactionSpan(queue.hot());
        return sql == null
                ? TransactionSpan.NONE
                : query(handle, sql)
                        .map((row, context) -> new TransactionSpan(row.getLong("oldest"), row.getLong("next")))
                        .one();
    }

    /**
     * The span of transactions in flight.
     *
     * @param oldest all before it have ended
     * @param next none from it on has begun
     */
    public record TransactionSpan(long oldest, long next) {

        static final TransactionSpan NONE = new TransactionSpan(0, 0);
    }

    /**
     * How the queue stands.
     *
     * @param cap rows that are counted or looked at, per state
     */
    public Survey survey(Handle handle, int cap) {
        return Survey.take(handle, dialect, queue, cap);
    }

    /**
     * Parked messages whose time has come, of one state, so that the index gives their order.
     *
     * @param state RETRY or SCHEDULED
     * @param after null for the beginning
     * @param known rows that are to be passed over
     * @param look at so many rows
     */
    public DueBatch due(
            Handle handle,
            Claim.Place state,
            @Nullable DuePlace after,
            Map<Integer, Long> leases,
            Predicate<Claim.Row> known,
            int look,
            Room room) {
        String from = after == null ? "" : " AND due_at >= :due AND (due_at > :due OR seq > :seq)";
        Query query = query(
                        handle,
                        parked + " WHERE state = '" + state + "' AND due_at <= " + dialect.now() + from + in(leases)
                                + own + " ORDER BY due_at, seq LIMIT :limit")
                .bind("limit", look);
        if (after != null) {
            query.bind("due", dialect.bind(after.dueAt())).bind("seq", after.seq());
        }
        List<Due> looked = query.map((row, context) -> new Due(
                        mapper.under(leases).map(row, context),
                        Objects.requireNonNullElse(dialect.instant(row, "due_at"), Instant.EPOCH)))
                .list();
        List<Due> unknown =
                looked.stream().filter(due -> !known.test(due.found().row())).toList();
        List<Due> wanted = unknown.subList(0, Math.min(unknown.size(), room.messages()));
        ClaimBatch read =
                payloads.within(handle, wanted.stream().map(Due::found).toList(), room);
        if (!read.last() || wanted.size() < unknown.size()) {
            return new DueBatch(read, reached(wanted, read.claims()));
        }
        return new DueBatch(read, looked.size() < look ? null : last(looked));
    }

    private record Due(Found found, Instant at) {

        DuePlace place() {
            return new DuePlace(at, found.row().seq());
        }
    }

    private static DuePlace last(List<Due> dues) {
        return dues.get(dues.size() - 1).place();
    }

    /** The place of the last claim; where all rows went since they were read, of the last of them. */
    private static DuePlace reached(List<Due> dues, List<Claim> claims) {
        return dues.stream()
                .filter(due -> claims.isEmpty()
                        || due.found()
                                .row()
                                .equals(claims.get(claims.size() - 1).row()))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .place();
    }

    /** The messages held behind a key, in order. */
    public ClaimBatch held(Handle handle, String key, Map<Integer, Long> leases, Room room) {
        String sql = parked + " WHERE ordering_key = :key" + KeyOrder.state(MessageState.HELD) + in(leases) + own
                + " ORDER BY seq LIMIT :limit";
        List<Found> found = query(handle, sql)
                .bind("key", key)
                .bind("limit", room.messages())
                .map(mapper.under(leases))
                .filter(row -> key.equals(row.row().orderingKey()))
                .list();
        return payloads.within(handle, found, room);
    }

    /**
     * The keys of these shards that have parked messages in their way.
     *
     * @param dead whether dead messages may be in the way
     */
    public List<HeldKey> heldKeys(Handle handle, Set<Integer> shards, boolean dead) {
        String where = " WHERE state IN (" + (dead ? "'RETRY', 'HELD', 'DEAD'" : "'RETRY', 'HELD'")
                + ") AND ordering_key IS NOT NULL" + in(shards) + own;
        return query(handle, HELD_KEYS + queue.parked() + where)
                .map(OutboxStore::heldKey)
                .list();
    }

    /** What stands before the messages held behind keys: none of them may be sent while a message is to be retried. */
    public List<HeldKey> before(Handle handle, Set<String> keys, boolean dead) {
        String where =
                " WHERE ordering_key IN (<keys>) AND state IN (" + (dead ? "'RETRY', 'DEAD'" : "'RETRY'") + ")" + own;
        return query(handle, HELD_KEYS + queue.parked() + where)
                .bindList("keys", keys)
                .map(OutboxStore::heldKey)
                .filter(held -> keys.contains(held.key()))
                .list();
    }

    /**
     * Makes due now what was {@linkplain Settlement.Deferred deferred} for a reason that begins so, those that come first
     * first; in the handle's transaction, which the caller commits. Waits for no row.
     *
     * @param after null for the beginning
     * @param step rows that are looked at
     */
    public Hastened hasten(Handle handle, String reason, Set<Integer> shards, @Nullable DuePlace after, int step) {
        return haste.make(handle, reason, in(shards), after, step);
    }

    private static HeldKey heldKey(ResultSet row, StatementContext context) throws SQLException {
        String reason = row.getString("reason");
        return new HeldKey(
                row.getString("ordering_key"),
                row.getInt("shard"),
                row.getString("topic"),
                HeldKey.State.valueOf(row.getString("state")),
                reason == null ? "" : reason);
    }

    /**
     * That a key has parked messages in that state for that topic.
     *
     * @param reason of which they died; empty when they did not
     */
    public record HeldKey(String key, int shard, String topic, State state, String reason) {

        /** The states that can stand in a key's way. */
        public enum State {
            RETRY,
            HELD,
            DEAD
        }
    }

    /**
     * Writes what became of claimed messages, in the handle's transaction, which the caller commits. What changes a row that another relay may own by now is written only when the lease still has the claim's epoch;
     * a delivered row is deleted in any case, for it was delivered.
     */
    public void settle(Handle handle, List<Settlement> settlements) {
        writer.write(handle, settlements);
    }

    /** Those whose rows no other transaction has locked; locks them in the handle's transaction. */
    public List<Settlement> unlocked(Handle handle, List<Settlement> settlements) {
        return writer.unlocked(handle, settlements);
    }

    /** Whether {@link #settle} failed because another transaction holds a row. */
    public boolean isLockWait(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException e && dialect.isLockWait(e)) {
                return true;
            }
        }
        return false;
    }

    private static Query query(Handle handle, String sql) {
        return handle.createQuery(sql);
    }

    private static String in(Map<Integer, Long> leases) {
        return in(leases.keySet());
    }

    private static String in(Set<Integer> shards) {
        return shards.size() == Shards.COUNT ? "" : " AND shard IN (" + join(shards) + ")";
    }

    private static String join(Collection<? extends Number> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
