package io.bida.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.bida.testkit.DatabaseServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A durable server of its own, and a process for the relay. Not thread-safe. */
final class Bench implements AutoCloseable {

    private static final int WARM = 50_000;

    private final Idiom idiom;
    private final DatabaseServer server;
    private @Nullable RelayProcess relay;

    Bench(Server kind) throws SQLException {
        idiom = kind.idiom();
        server = kind.start();
        try (Database any = database()) {
            for (String sql : idiom.largeMessages()) {
                any.execute(sql);
            }
        }
    }

    Database database() throws SQLException {
        return new Database(server.freshDatabase(), idiom);
    }

    /** The server and the machine, for the reader of the figures. */
    String description() throws SQLException {
        try (Database database = database()) {
            DatabaseMetaData server = database.metaData();
            OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            return "%s, %d processors, %d GiB, JDK %s"
                    .formatted(
                            database.at.dialect().name() + " " + server.getDatabaseProductVersion(),
                            machine.getAvailableProcessors(),
                            Math.round(machine.getTotalMemorySize() / (double) (1 << 30)),
                            System.getProperty("java.version"));
        }
    }

    StatementCounter counter() throws Exception {
        return idiom.counter(server);
    }

    /** The processor time that the server took so far, in seconds. */
    double serverCpu() throws IOException {
        return Cpu.withChildren(server.pid());
    }

    /** The relay's process, warm; a new one when the last has failed. */
    RelayProcess relay() throws Exception {
        RelayProcess running = relay;
        if (running == null || !running.isAlive()) {
            running = RelayProcess.start();
            relay = running;
            warmUp();
        }
        return running;
    }

    /** Both sides once, for the JVMs, on every way that the measurements take. */
    private void warmUp() throws Exception {
        try (Database database = database()) {
            RelayOrder order = RelayOrder.of(database);
            Draining keyed = Draining.all(this, database, new Shape(Shape.USUAL_PAYLOAD, 1_000), WARM);
            keyed.relayed(order.withHistory(true));
            Draining unkeyed = Draining.all(this, database, Shape.USUAL, WARM);
            unkeyed.relayed(order);
            unkeyed.raw();
        }
    }

    @Override
    public void close() throws Exception {
        try (server) {
            if (relay != null) {
                relay.close();
            }
        }
    }
}
