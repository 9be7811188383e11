package io.bida.benchmarks;

import java.io.IOException;
import java.sql.SQLException;

/**
 * Rounds of a drain, through the relay and raw; each begins with the same number of rows waiting, on a server at rest.
 * Both are timed from the first batch, read or sent, to the last deletion.
 */
final class Draining {

    /** So many rows before the last one nothing may be left when a drain counts as done. */
    private static final long TAIL = 20_000;

    private final Bench bench;
    private final Database database;
    private final Shape shape;
    private final int waiting;
    private final int messages;
    private long present;

    /**
     * @param waiting when a round begins
     * @param messages that are drained in a round
     */
    Draining(Bench bench, Database database, Shape shape, int waiting, int messages) {
        this.bench = bench;
        this.database = database;
        this.shape = shape;
        this.waiting = waiting;
        this.messages = Math.min(messages, waiting);
    }

    static Draining all(Bench bench, Database database, Shape shape, int messages) {
        return new Draining(bench, database, shape, messages, messages);
    }

    /**
     * What a drain was like.
     *
     * @param firstMillis from the order to the first message at the sink
     * @param peakHeap of the relay's process, in MiB
     * @param clientCpu seconds, of the relay's process or this one
     * @param serverCpu seconds
     */
    record Drained(double perSecond, double firstMillis, double peakHeap, double clientCpu, double serverCpu) {}

    Drained raw() throws Exception {
        fill();
        return drainRaw();
    }

    Drained relayed(RelayOrder order) throws Exception {
        bench.relay();
        if (order.relays() > 1) {
            return drainShared(order);
        }
        fill();
        return drain(order);
    }

    void fill() throws SQLException, InterruptedException {
        if (present == 0) {
            database.clear();
        }
        database.fill(shape, Math.toIntExact(waiting - present));
        present = waiting;
        database.settle();
    }

    Drained drainRaw() throws SQLException, IOException {
        double serverCpu = bench.serverCpu();
        double clientCpu = Cpu.ofThisProcess();
        double perSecond = RawDrain.perSecond(database, messages);
        present -= messages;
        return new Drained(perSecond, 0, 0, Cpu.ofThisProcess() - clientCpu, bench.serverCpu() - serverCpu);
    }

    Drained drain(RelayOrder order) throws Exception {
        RelayProcess relay = bench.relay();
        long last = database.first() + messages - 1;
        long orderedAt = Clock.micros();
        Costs before = costs(relay);
        relay.begin(order);
        return settled(relay, last, orderedAt, before);
    }

    /** Several relays share the shards before there is anything to deliver; then all of it comes with one commit. */
    private Drained drainShared(RelayOrder order) throws Exception {
        RelayProcess relay = bench.relay();
        database.clear();
        database.settle();
        relay.begin(order);
        database.awaitShared(order.relays());
        long orderedAt = Clock.micros();
        Costs before = costs(relay);
        database.fillAtOnce(shape, messages);
        relay.wake();
        return settled(relay, messages, orderedAt, before);
    }

    private record Costs(double client, double server) {}

    private Costs costs(RelayProcess relay) throws IOException {
        return new Costs(relay.cpu(), bench.serverCpu());
    }

    /** Waits until all is delivered and deleted, and ends the relay. */
    private Drained settled(RelayProcess relay, long last, long orderedAt, Costs before) throws Exception {
        long settledAt = relay.awaitSettled(messages, Math.max(0, last - TAIL), last);
        Costs after = costs(relay);
        RelayReport report = relay.end();
        present = Math.max(0, present - report.sent());
        if (messages == waiting && database.first() > 0) {
            throw new IllegalStateException("messages were left in the outbox");
        }
        return new Drained(
                messages * 1e6 / (settledAt - report.firstAt()),
                (report.firstAt() - orderedAt) / 1e3,
                report.peakHeap(),
                after.client() - before.client(),
                after.server() - before.server());
    }
}
