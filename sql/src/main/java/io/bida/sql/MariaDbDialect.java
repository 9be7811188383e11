package io.bida.sql;

import java.util.Collection;

/** MariaDB 10.6 and later. */
final class MariaDbDialect extends MySqlDialect {

    MariaDbDialect() {
        super("mariadb");
    }

    /** FORCE INDEX, which DELETE takes only in its multi-table form. */
    @Override
    public String deleteByKey(String table, String key, Collection<Long> values, String andCondition) {
        return "DELETE " + table + " FROM " + table + " FORCE INDEX (PRIMARY) WHERE " + key + " IN (" + list(values)
                + ") " + andCondition;
    }
}
