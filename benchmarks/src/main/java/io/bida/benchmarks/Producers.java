package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.benchmarks.Business.Messaging;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Commits business transactions as fast as they can, each through a connection of a pool with auto-commit off. */
final class Producers implements AutoCloseable {

    private final Business business;
    private final int connections;
    private final HikariDataSource pool;
    private final ExecutorService threads;

    Producers(Database database, Business business, int connections) {
        this.business = business;
        this.connections = connections;
        this.pool = database.pool(connections);
        this.threads = Executors.newFixedThreadPool(connections);
    }

    /** Transactions per second over a time. */
    double perSecond(Messaging messaging, Duration time) throws Exception {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        List<Callable<Integer>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(() -> transactUntil(end, messaging));
        }
        long committed = 0;
        for (Future<Integer> each : threads.invokeAll(all)) {
            committed += each.get();
        }
        return committed * 1e9 / (System.nanoTime() - begin);
    }

    private int transactUntil(long end, Messaging messaging) throws SQLException {
        int committed = 0;
        while (System.nanoTime() < end) {
            transact(messaging);
            committed++;
        }
        return committed;
    }

    void transact(Messaging messaging) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            business.transact(connection, messaging);
            connection.commit();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        pool.close();
    }
}
