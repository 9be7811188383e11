package io.bida.relay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * One connection for several threads, lent to one at a time for one transaction, so that a transaction costs no
 * statements to set a connection up. Closing what was lent gives it back; what was neither committed nor rolled back is
 * rolled back then. What failed to commit is given back at once: Quartz asks on another one what became of it, before it
 * closes this one. Thread-safe.
 */
final class KeptConnection implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;
    private static final int PROBE_SECONDS = 2;

    private final Session session;
    private final Semaphore free = new Semaphore(1, true);
    private volatile boolean closed;

    KeptConnection(Session session) {
        this.session = session;
    }

    <T> T transact(Function<Handle, T> work) throws SQLException {
        try (Connection lent = lend()) {
            T result = work.apply(Jdbi.open(lent));
            lent.commit();
            return result;
        }
    }

    Connection lend() throws SQLException {
        if (!isFreeInTime()) {
            throw new SQLException("The connection was in use for " + PATIENCE_SECONDS + " s.");
        }
        boolean lent = false;
        try {
            if (closed) {
                throw new SQLException("The connection was closed, for the relay ends.");
            }
            Connection proxy = lent(working());
            lent = true;
            return proxy;
        } finally {
            if (!lent) {
                free.release();
            }
        }
    }

    /** Quartz interrupts its thread when it is to end: it ends the quieter when what it has begun succeeds. */
    private boolean isFreeInTime() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return free.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Connection working() throws SQLException {
        Connection kept = session.connection();
        if (kept.isValid(PROBE_SECONDS)) {
            return kept;
        }
        session.close();
        return session.connection();
    }

    private Connection lent(Connection kept) {
        Loan loan = new Loan(kept);
        return (Connection) Proxy.newProxyInstance(
                KeptConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> loan.call(method, arguments));
    }

    /** Ends the connection under a statement that does not end by itself. */
    void abort() {
        session.abort();
    }

    /** For good, after waiting for whoever has it: a session is for one thread at a time. Who waits for it is told. */
    @Override
    public void close() {
        closed = true;
        free.acquireUninterruptibly();
        session.close();
        free.release();
    }

    private final class Loan {

        private final Connection kept;
        private final AtomicBoolean returned = new AtomicBoolean();
        private boolean open;

        Loan(Connection kept) {
            this.kept = kept;
        }

        @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
            switch (method.getName()) {
                case "close" -> {
                    giveBack();
                    return null;
                }
                case "isClosed" -> {
                    return returned.get();
                }
                case "commit", "rollback" -> open = false;
                default -> open = true;
            }
            if (returned.get()) {
                return afterTheEnd(method);
            }
            try {
                return method.invoke(kept, arguments);
            } catch (InvocationTargetException e) {
                open = true;
                if (method.getName().equals("commit")) {
                    giveBack();
                }
                throw e.getCause();
            }
        }

        /** Nothing is left to roll back. */
        private static @Nullable Object afterTheEnd(Method method) throws SQLException {
            if (method.getName().equals("rollback")) {
                return null;
            }
            throw new SQLException("The connection was given back, for its commit failed or it was closed.");
        }

        private void giveBack() {
            if (returned.compareAndSet(false, true)) {
                if (open) {
                    session.close();
                }
                free.release();
            }
        }
    }
}
