package io.bida.inbox;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection that knows whether its transaction is still whole, so that nobody need ask the database: when nothing failed
 * on it, also not on its statements and their results, and nothing was done that may have ended the transaction without
 * a failure. That is a rollback, and any SQL that is not a single statement to read or change rows: a procedure may roll
 * back and say nothing. What is unwrapped goes its own way, and is not known either. Watched from its opening on: for one
 * transaction.
 */
final class WatchedConnection implements InvocationHandler {

    /** Without comments before it: where there are any, the database is asked. */
    private static final Pattern ROWS_ONLY =
            Pattern.compile("(?is)\\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH|VALUES)\\b[^;]*;?\\s*");

    private final Object watched;
    private final AtomicBoolean unsure;

    private WatchedConnection(Object watched, AtomicBoolean unsure) {
        this.watched = watched;
        this.unsure = unsure;
    }

    static Connection of(Connection connection) {
        return watch(Connection.class, connection, new AtomicBoolean());
    }

    /** Whether it is known to be whole; of a connection that is not watched it is not. */
    static boolean isWhole(Connection connection) {
        return Proxy.isProxyClass(connection.getClass())
                && Proxy.getInvocationHandler(connection) instanceof WatchedConnection own
                && !own.unsure.get();
    }

    private static <T> T watch(Class<T> type, Object watched, AtomicBoolean unsure) {
        return type.cast(Proxy.newProxyInstance(
                WatchedConnection.class.getClassLoader(),
                new Class<?>[] {type},
                new WatchedConnection(watched, unsure)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("equals") && arguments != null) {
            return proxy == arguments[0];
        }
        if (mayEndTransaction(method.getName(), arguments)) {
            unsure.set(true);
        }
        try {
            Object result = method.invoke(watched, arguments);
            Class<?> type = method.getReturnType();
            return result != null && isWatched(type) ? watch(type, result, unsure) : result;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException) {
                unsure.set(true);
            }
            throw e.getCause();
        }
    }

    private static boolean mayEndTransaction(String method, Object @Nullable [] arguments) {
        return method.equals("unwrap")
                || method.equals("rollback")
                || (arguments != null
                        && arguments.length > 0
                        && arguments[0] instanceof String sql
                        && takesSql(method)
                        && !ROWS_ONLY.matcher(sql).matches());
    }

    private static boolean takesSql(String method) {
        return method.startsWith("prepare") || method.startsWith("execute") || method.equals("addBatch");
    }

    private static boolean isWatched(Class<?> type) {
        return Statement.class.isAssignableFrom(type)
                || ResultSet.class.isAssignableFrom(type)
                || Connection.class.isAssignableFrom(type);
    }
}
