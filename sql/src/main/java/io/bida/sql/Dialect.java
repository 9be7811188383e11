package io.bida.sql;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one database says in its own way; the statements around it are the same for all. Each dialect overrides only
 * what differs. Immutable and thread-safe.
 */
public abstract sealed class Dialect permits MySqlDialect, PostgreSqlDialect, H2Dialect {

    private final String name;

    Dialect(String name) {
        this.name = name;
    }

    /** Tells the dialect from what the driver knows of its server; no statement is sent. */
    public static Dialect of(Connection connection) throws SQLException {
        DatabaseMetaData database = connection.getMetaData();
        String product = database.getDatabaseProductName().toLowerCase(Locale.ROOT);
        // Connector/J calls MariaDB "MySQL" in the product name; the version tells.
        String version = database.getDatabaseProductVersion().toLowerCase(Locale.ROOT);
        if (product.contains("mariadb") || version.contains("mariadb")) {
            return new MariaDbDialect();
        }
        return switch (product) {
            case "mysql" -> new MySqlDialect();
            case "postgresql" -> new PostgreSqlDialect();
            case "h2" -> new H2Dialect();
            default ->
                throw new BidaException("The database is " + database.getDatabaseProductName()
                        + "; Bida knows MySQL, MariaDB, PostgreSQL and H2.");
        };
    }

    /** The dialect of that {@link #name()}. */
    public static Dialect named(String name) {
        return switch (name) {
            case "mysql" -> new MySqlDialect();
            case "mariadb" -> new MariaDbDialect();
            case "postgresql" -> new PostgreSqlDialect();
            case "h2" -> new H2Dialect();
            default ->
                throw new BidaException(
                        "There is no schema for '" + name + "'; there is one for mysql, mariadb, postgresql and h2.");
        };
    }

    /** {@code mysql}, {@code mariadb}, {@code postgresql} or {@code h2}. */
    public final String name() {
        return name;
    }

    /** The class path folder of the schema's migrations. */
    public final String migrations() {
        return "db/bida/" + name;
    }

    /** The complete schema as plain SQL. */
    public final String schema() {
        String resource = "/" + migrations() + "/V1__bida.sql";
        try (InputStream in = Dialect.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The database's clock at the statement, in UTC, to the microsecond. */
    public abstract String now();

    /** The time that lies the given number of microseconds (an SQL expression) after {@link #now()}. */
    public abstract String nowPlus(String microseconds);

    /** A column as an expression that no index is looked up by: in a further condition beside one on a key. */
    public String unindexed(String column) {
        return column;
    }

    /**
     * Deletes rows by a primary key, or its first column, in the form that keeps to the key on this server however few
     * rows the table has: a scan would wait for the open inserts of every business transaction.
     *
     * @param andCondition a further condition, beginning with AND, or empty
     */
    public abstract String deleteByKey(String table, String key, Collection<Long> values, String andCondition);

    /**
     * Updates rows by a primary key, or its first column, in the form that keeps to the key as {@link #deleteByKey} does.
     *
     * @param set the assignments
     * @param andCondition a further condition, beginning with AND, or empty
     */
    public String updateByKey(String table, String set, String key, Collection<Long> values, String andCondition) {
        return "UPDATE " + table + " SET " + set + " WHERE " + key + " IN (" + list(values) + ") " + andCondition;
    }

    /**
     * Reads and locks rows by a primary key, or its first column, in the form that keeps to the key as {@link #deleteByKey}
     * does.
     *
     * @param andCondition a further condition, beginning with AND, or empty
     */
    public String lockByKey(String columns, String table, String key, Collection<Long> values, String andCondition) {
        return "SELECT " + columns + " FROM " + table + " WHERE " + key + " IN (" + list(values) + ") " + andCondition
                + " FOR UPDATE";
    }

    /** What follows a table's name in a SELECT or UPDATE by its primary key, so that it keeps to the key however few rows there are. */
    public String keepToKey() {
        return "";
    }

    /** Deletes a bounded number of the rows for which a condition holds when they are deleted, in the order of an index. */
    public String deleteFirst(String table, String condition, String order, int limit) {
        return "DELETE FROM " + table + " WHERE " + condition + " ORDER BY " + order + " LIMIT " + limit;
    }

    /** Whether READ UNCOMMITTED shows the inserts of open transactions. */
    public abstract boolean showsOpenInserts();

    /**
     * A query for the span of transactions in flight that may have inserted into a table, as columns {@code oldest} (all
     * before it have ended) and {@code next} (none from it on has begun); null where {@link #showsOpenInserts()} tells more
     * exactly.
     */
    public @Nullable String transactionSpan(String table) {
        return null;
    }

    /** Makes the transaction that begins now READ COMMITTED, and no later one; the first statement of a transaction. */
    public String readCommitted() {
        return "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    }

    /**
     * Whether a transaction in which a statement failed takes nothing but a rollback. Elsewhere it goes on; and where
     * the failure was a deadlock, it goes on without all that was done before.
     */
    public boolean refusesAfterError() {
        return false;
    }

    /** The end of a SELECT that sees what is committed now, even where the transaction's snapshot is older. */
    public String currentRead() {
        return "";
    }

    /**
     * The end of an INSERT of many rows that leaves a row as it is whose key is there. Any other fault is raised,
     * unlike with INSERT IGNORE.
     */
    public String keepExisting(String table, String column) {
        return "ON DUPLICATE KEY UPDATE " + table + "." + column + " = " + table + "." + column;
    }

    /**
     * Statements that bound, for one session, how long a statement waits for a lock, and how long a transaction may stand
     * idle before the server ends it and frees its locks. A server that bounds no transaction bounds the session instead.
     */
    public abstract List<String> bound(Duration lockWait, Duration idleInTransaction);

    /** Statements that take the bounds back. */
    public abstract List<String> unbound();

    /**
     * Statements after which a session reads tables by their indexes, whatever the statistics say: those of a queue, which
     * is empty at one time and long at another, are wrong most of the time.
     */
    public List<String> planByIndex() {
        return List.of();
    }

    /** Statements that take {@link #planByIndex()} back. */
    public List<String> planFreely() {
        return List.of();
    }

    /** Whether the statement failed because a lock was not to be had in time. */
    public abstract boolean isLockWait(SQLException e);

    /** The message id as this database takes it. */
    public Object bind(MessageId id) {
        return id.uuid();
    }

    /** The message id as a literal in a statement. */
    public String literal(MessageId id) {
        return "'" + id + "'";
    }

    /** A text as a literal in a statement, whatever it contains. */
    public String literal(String text) {
        StringBuilder escaped = new StringBuilder("U&'");
        text.codePoints().forEach(c -> {
            if (isPlain(c)) {
                escaped.appendCodePoint(c);
            } else {
                escaped.append("\\+%06X".formatted(c));
            }
        });
        return escaped.append('\'').toString();
    }

    private static boolean isPlain(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }

    public final MessageId messageId(ResultSet row, String column) throws SQLException {
        return messageId(row, row.findColumn(column));
    }

    public MessageId messageId(ResultSet row, int column) throws SQLException {
        return new MessageId(row.getObject(column, java.util.UUID.class));
    }

    /** An instant as this database takes it. */
    public Object bind(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    public final @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        return instant(row, row.findColumn(column));
    }

    public @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        LocalDateTime utc = row.getObject(column, LocalDateTime.class);
        return utc == null ? null : utc.toInstant(ZoneOffset.UTC);
    }

    /** A text that identifies a row of the inbox, in the form that compares exactly. */
    public Object identity(String text) {
        return text;
    }

    /** The text that {@link #identity(String)} made. */
    public String identity(ResultSet row, int column) throws SQLException {
        return row.getString(column);
    }

    /** Whether the statement failed because a row with that key is there. */
    public boolean isDuplicateKey(SQLException e) {
        return "23505".equals(e.getSQLState());
    }

    /** Whether the transaction was rolled back in favour of another one, so that repeating it may succeed. */
    public boolean isRollback(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("40") || state.equals("55P03"));
    }

    static String list(Collection<Long> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
