package io.bida.console;

import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What an {@link SQLException} means to the one who started the process. */
enum DatabaseFault {
    /** May come about by itself: the server is not there yet, is starting, or is full. */
    UNREACHABLE,
    UNKNOWN_HOST,
    REFUSED_USER,
    UNKNOWN_DATABASE,
    MISSING_TABLES,
    FORBIDDEN_TABLES,
    IN_USE,
    OTHER;

    private static final Set<String> STARTING_OR_FULL = Set.of("57P03", "57P01", "53300");
    private static final Set<String> NO_TABLE = Set.of("42S02", "42S03", "42S04", "42P01");
    private static final Set<Integer> NO_SUCH_USER_HERE = Set.of(1044, 1045, 1130, 1698, 28000);
    private static final int MYSQL_UNKNOWN_DATABASE = 1049;
    private static final int MYSQL_TABLE_DENIED = 1142;
    private static final int H2_NO_DATABASE = 90146;
    private static final int H2_NO_DATABASE_HERE = 90149;
    private static final int H2_IN_USE = 90020;

    /** Whether another attempt may find it mended. */
    boolean passes() {
        return this == UNREACHABLE || this == UNKNOWN_HOST;
    }

    static DatabaseFault of(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return UNKNOWN_HOST;
            }
            if (cause instanceof SSLException) {
                return OTHER;
            }
        }
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            DatabaseFault fault = cause instanceof SQLException sql ? of(sql.getSQLState(), sql.getErrorCode()) : OTHER;
            if (fault != OTHER) {
                return fault;
            }
        }
        return OTHER;
    }

    static DatabaseFault of(@Nullable String state, int code) {
        String sqlState = state == null ? "" : state;
        if (sqlState.startsWith("28") || NO_SUCH_USER_HERE.contains(code)) {
            return REFUSED_USER;
        }
        if (sqlState.equals("3D000") || code == MYSQL_UNKNOWN_DATABASE || isNoH2Database(code)) {
            return UNKNOWN_DATABASE;
        }
        if (NO_TABLE.contains(sqlState)) {
            return MISSING_TABLES;
        }
        if (sqlState.equals("42501") || code == MYSQL_TABLE_DENIED) {
            return FORBIDDEN_TABLES;
        }
        if (code == H2_IN_USE) {
            return IN_USE;
        }
        return sqlState.startsWith("08") || STARTING_OR_FULL.contains(sqlState) ? UNREACHABLE : OTHER;
    }

    private static boolean isNoH2Database(int code) {
        return code == H2_NO_DATABASE || code == H2_NO_DATABASE_HERE;
    }
}
