package io.bida.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL 13 and later. */
final class PostgreSqlDialect extends Dialect {

    /** Transactions. */
    private static final int FAR_BEHIND = 10_000;

    PostgreSqlDialect() {
        super("postgresql");
    }

    /** Not now(), which stands still within a transaction, nor clock_timestamp(), which no index serves. */
    @Override
    public String now() {
        return "statement_timestamp()";
    }

    @Override
    public String nowPlus(String microseconds) {
        return "statement_timestamp() + " + microseconds + " * INTERVAL '1 microsecond'";
    }

    @Override
    public String deleteByKey(String table, String key, Collection<Long> values, String andCondition) {
        return "DELETE FROM " + table + " WHERE " + key + " = ANY ('{" + list(values) + "}'::bigint[]) " + andCondition;
    }

    @Override
    public String updateByKey(String table, String set, String key, Collection<Long> values, String andCondition) {
        return "UPDATE " + table + " SET " + set + " WHERE " + key + " = ANY ('{" + list(values) + "}'::bigint[]) "
                + andCondition;
    }

    @Override
    public String lockByKey(String columns, String table, String key, Collection<Long> values, String andCondition) {
        return "SELECT " + columns + " FROM " + table + " WHERE " + key + " = ANY ('{" + list(values) + "}'::bigint[]) "
                + andCondition + " FOR UPDATE";
    }

    @Override
    public String deleteFirst(String table, String condition, String order, int limit) {
        return "DELETE FROM " + table + " WHERE ctid = ANY (ARRAY (SELECT ctid FROM " + table + " WHERE " + condition
                + " ORDER BY " + order + " LIMIT " + limit + ")) AND " + condition;
    }

    @Override
    public boolean showsOpenInserts() {
        return false;
    }

    /**
     * The oldest of the whole cluster is at hand, and may be somebody's report that writes for hours elsewhere. When it
     * lies far behind, the locks tell the oldest one that writes to the table, which costs more.
     */
    @Override
    public String transactionSpan(String table) {
        return """
                SELECT CASE WHEN next - oldest < %d THEN oldest ELSE next - COALESCE((
                         SELECT MAX(age(writer.transactionid))
                         FROM pg_locks writer JOIN pg_locks used ON used.virtualtransaction = writer.virtualtransaction
                         WHERE writer.locktype = 'transactionid' AND writer.mode = 'ExclusiveLock' AND writer.granted
                           AND used.locktype = 'relation' AND used.mode = 'RowExclusiveLock' AND used.granted
                           AND used.relation = '%s'::regclass
                           AND used.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                       ), 0) END AS oldest, next
                FROM (SELECT pg_snapshot_xmin(s)::text::bigint AS oldest, pg_snapshot_xmax(s)::text::bigint AS next
                      FROM pg_current_snapshot() s) span""".formatted(FAR_BEHIND, table);
    }

    @Override
    public boolean refusesAfterError() {
        return true;
    }

    @Override
    public String keepExisting(String table, String column) {
        return "ON CONFLICT DO NOTHING";
    }

    @Override
    public List<String> bound(Duration lockWait, Duration idleInTransaction) {
        return List.of(
                "SET lock_timeout = " + Math.max(1, lockWait.toMillis()),
                "SET idle_in_transaction_session_timeout = " + Math.max(1, idleInTransaction.toMillis()));
    }

    @Override
    public List<String> unbound() {
        return List.of("RESET lock_timeout", "RESET idle_in_transaction_session_timeout");
    }

    /** Where a scan is the only way it costs so much on paper that it would be compiled, hence no compiler either. */
    @Override
    public List<String> planByIndex() {
        return List.of("SET enable_seqscan = off", "SET max_parallel_workers_per_gather = 0", "SET jit = off");
    }

    @Override
    public List<String> planFreely() {
        return List.of("RESET enable_seqscan", "RESET max_parallel_workers_per_gather", "RESET jit");
    }

    @Override
    public boolean isLockWait(SQLException e) {
        return "55P03".equals(e.getSQLState());
    }

    @Override
    public Object bind(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    /** What never is, {@code infinity} or {@code -infinity}, is no time. */
    @Override
    public @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null || time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)
                ? null
                : time.toInstant();
    }
}
