package io.bida.sql;

import io.bida.message.MessageId;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MySQL 8.0 and later. */
sealed class MySqlDialect extends Dialect permits MariaDbDialect {

    private static final int DUPLICATE_KEY = 1062;
    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int DEADLOCK = 1213;

    private static final DateTimeFormatter DATE_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    MySqlDialect() {
        this("mysql");
    }

    MySqlDialect(String name) {
        super(name);
    }

    @Override
    public String now() {
        return "UTC_TIMESTAMP(6)";
    }

    @Override
    public String nowPlus(String microseconds) {
        return "UTC_TIMESTAMP(6) + INTERVAL " + microseconds + " MICROSECOND";
    }

    /** A date without a day or a month, which a server takes that was not told to refuse it, is no time. */
    @Override
    public @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        try {
            return super.instant(row, column);
        } catch (SQLException | DateTimeException e) {
            String text = row.getString(column);
            if (text != null && text.contains("-00")) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Of two lists on the columns of one key MySQL makes a range of each value with each other: of 500 and 500, that takes
     * fifteen times as long as the rows.
     */
    @Override
    public String unindexed(String column) {
        return "CONCAT(" + column + ")";
    }

    /** ORDER BY with LIMIT is what makes MySQL take the key; MariaDB would scan for it. */
    @Override
    public String deleteByKey(String table, String key, Collection<Long> values, String andCondition) {
        return "DELETE FROM " + table + " WHERE " + key + " IN (" + list(values) + ") " + andCondition + " ORDER BY "
                + key + " LIMIT " + values.size();
    }

    @Override
    public String updateByKey(String table, String set, String key, Collection<Long> values, String andCondition) {
        return super.updateByKey(table, set, key, values, andCondition) + " ORDER BY " + key + " LIMIT "
                + values.size();
    }

    @Override
    public String lockByKey(String columns, String table, String key, Collection<Long> values, String andCondition) {
        return "SELECT " + columns + " FROM " + table + " WHERE " + key + " IN (" + list(values) + ") " + andCondition
                + " ORDER BY " + key + " LIMIT " + values.size() + " FOR UPDATE";
    }

    @Override
    public String keepToKey() {
        return "FORCE INDEX (PRIMARY)";
    }

    @Override
    public boolean showsOpenInserts() {
        return true;
    }

    /** FOR SHARE is not known to MariaDB. */
    @Override
    public String currentRead() {
        return "LOCK IN SHARE MODE";
    }

    /** Of idle transactions MySQL knows nothing, of idle sessions it does. */
    @Override
    public List<String> bound(Duration lockWait, Duration idleInTransaction) {
        return List.of(
                "SET SESSION innodb_lock_wait_timeout = " + Math.max(1, lockWait.toSeconds()),
                "SET SESSION wait_timeout = " + Math.max(1, idleInTransaction.toSeconds()));
    }

    @Override
    public List<String> unbound() {
        return List.of("SET SESSION innodb_lock_wait_timeout = DEFAULT", "SET SESSION wait_timeout = DEFAULT");
    }

    @Override
    public boolean isLockWait(SQLException e) {
        return e.getErrorCode() == LOCK_WAIT_TIMEOUT;
    }

    @Override
    public Object bind(MessageId id) {
        return id.bytes();
    }

    /** As text: Connector/J takes MariaDB 10 for MySQL 5.5 by its handshake and would cut a time's fraction. */
    @Override
    public Object bind(Instant instant) {
        return DATE_TIME.format(instant);
    }

    @Override
    public String literal(MessageId id) {
        return "x'" + id.toString().replace("-", "") + "'";
    }

    @Override
    public String literal(String text) {
        return "_utf8mb4 x'" + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)) + "'";
    }

    @Override
    public MessageId messageId(ResultSet row, int column) throws SQLException {
        return MessageId.of(row.getBytes(column));
    }

    @Override
    public Object identity(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String identity(ResultSet row, int column) throws SQLException {
        return new String(row.getBytes(column), StandardCharsets.UTF_8);
    }

    @Override
    public boolean isDuplicateKey(SQLException e) {
        return e.getErrorCode() == DUPLICATE_KEY;
    }

    @Override
    public boolean isRollback(SQLException e) {
        return e.getErrorCode() == DEADLOCK || e.getErrorCode() == LOCK_WAIT_TIMEOUT;
    }
}
