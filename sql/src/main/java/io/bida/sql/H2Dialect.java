package io.bida.sql;

import java.util.Collection;

/** H2 2.x in MySQL mode, for examples and quick tests. */
final class H2Dialect extends Dialect {

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
    public boolean showsOpenInserts() {
        return true;
    }
}
