package io.bida.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** H2 2.x in MySQL mode, for examples and quick tests. */
final class H2Dialect extends Dialect {

    private static final int LOCK_TIMEOUT = 50200;
    private static final int CONCURRENT_UPDATE = 90131;

    H2Dialect() {
        super("h2");
    }

    @Override
    public String now() {
        return "CAST(CURRENT_TIMESTAMP(6) AT TIME ZONE 'UTC' AS TIMESTAMP(6))";
    }

    @Override
    public String nowPlus(String microseconds) {
        return "DATEADD(MICROSECOND, " + microseconds + ", " + now() + ")";
    }

    @Override
    public String deleteByKey(String table, String key, Collection<Long> values, String andCondition) {
        return "DELETE FROM " + table + " WHERE " + key + " IN (" + list(values) + ") " + andCondition;
    }

    @Override
    public String deleteFirst(String table, String condition, String order, int limit) {
        return "DELETE FROM " + table + " WHERE " + condition + " FETCH FIRST " + limit + " ROWS ONLY";
    }

    @Override
    public boolean showsOpenInserts() {
        return true;
    }

    /** H2 has the form for the session only, and READ COMMITTED is what its sessions begin with. */
    @Override
    public String readCommitted() {
        return "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";
    }

    @Override
    public List<String> bound(Duration lockWait, Duration idleInTransaction) {
        return List.of("SET LOCK_TIMEOUT " + Math.max(1, lockWait.toMillis()));
    }

    @Override
    public List<String> unbound() {
        return List.of("SET LOCK_TIMEOUT 2000");
    }

    @Override
    public boolean isLockWait(SQLException e) {
        return e.getErrorCode() == LOCK_TIMEOUT;
    }

    @Override
    public boolean isRollback(SQLException e) {
        return super.isRollback(e) || e.getErrorCode() == LOCK_TIMEOUT || e.getErrorCode() == CONCURRENT_UPDATE;
    }
}
