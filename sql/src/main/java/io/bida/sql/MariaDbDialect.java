package io.bida.sql;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** MariaDB 10.6 and later. */
final class MariaDbDialect extends MySqlDialect {

    MariaDbDialect() {
        super("mariadb");
    }

    @Override
    public List<String> bound(Duration lockWait, Duration idleInTransaction) {
        return List.of(
                "SET SESSION innodb_lock_wait_timeout = " + Math.max(1, lockWait.toSeconds()),
                "SET SESSION idle_transaction_timeout = " + Math.max(1, idleInTransaction.toSeconds()));
    }

    @Override
    public List<String> unbound() {
        return List.of(
                "SET SESSION innodb_lock_wait_timeout = DEFAULT", "SET SESSION idle_transaction_timeout = DEFAULT");
    }

    /** FORCE INDEX, which DELETE takes only in its multi-table form. */
    @Override
    public String deleteByKey(String table, String key, Collection<Long> values, String andCondition) {
        return "DELETE " + table + " FROM " + table + " FORCE INDEX (PRIMARY) WHERE " + key + " IN (" + list(values)
                + ") " + andCondition;
    }

    @Override
    public String updateByKey(String table, String set, String key, Collection<Long> values, String andCondition) {
        return "UPDATE " + table + " FORCE INDEX (PRIMARY) SET " + set + " WHERE " + key + " IN (" + list(values) + ") "
                + andCondition;
    }

    @Override
    public String lockByKey(String columns, String table, String key, Collection<Long> values, String andCondition) {
        return "SELECT " + columns + " FROM " + table + " FORCE INDEX (PRIMARY) WHERE " + key + " IN (" + list(values)
                + ") " + andCondition + " FOR UPDATE";
    }
}
