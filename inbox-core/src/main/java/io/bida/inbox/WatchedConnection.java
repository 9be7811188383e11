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
import org.jspecify.annotations.Nullable;

/**
 * A connection that remembers whether anything on it failed, also on its statements and their results, so that nobody
 * need ask the database. What is unwrapped goes its own way, and so that counts as a failure. A connection is watched from
 * its opening on: for one transaction.
 */
final class WatchedConnection implements InvocationHandler {

    private final Object watched;
    private final AtomicBoolean failed;

    private WatchedConnection(Object watched, AtomicBoolean failed) {
        this.watched = watched;
        this.failed = failed;
    }

    static Connection of(Connection connection) {
        return watch(Connection.class, connection, new AtomicBoolean());
    }

    /** Whether nothing failed on it; not known, and so no, of a connection that is not watched. */
    static boolean isWhole(Connection connection) {
        return Proxy.isProxyClass(connection.getClass())
                && Proxy.getInvocationHandler(connection) instanceof WatchedConnection own
                && !own.failed.get();
    }

    private static <T> T watch(Class<T> type, Object watched, AtomicBoolean failed) {
        return type.cast(Proxy.newProxyInstance(
                WatchedConnection.class.getClassLoader(),
                new Class<?>[] {type},
                new WatchedConnection(watched, failed)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("equals") && arguments != null) {
            return proxy == arguments[0];
        }
        if (method.getName().equals("unwrap")) {
            failed.set(true);
        }
        try {
            Object result = method.invoke(watched, arguments);
            Class<?> type = method.getReturnType();
            return result != null && isWatched(type) ? watch(type, result, failed) : result;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException) {
                failed.set(true);
            }
            throw e.getCause();
        }
    }

    private static boolean isWatched(Class<?> type) {
        return Statement.class.isAssignableFrom(type)
                || ResultSet.class.isAssignableFrom(type)
                || Connection.class.isAssignableFrom(type);
    }
}
