package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.benchmarks.Traffic.Commit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether the cost of a turn depends on what is not waiting: dead rows and parked messages. */
@Command(
        name = "turn",
        description = "A drain, and the latency after it, beside dead rows that cannot be purged, and beside parked"
                + " messages. Raw: the same relay without them.")
final class Turn implements Measurement {

    private static final int CONNECTIONS = 33;
    private static final int DELETED_AT_ONCE = 10_000;

    @Option(names = "--messages", description = "drained in a round (${DEFAULT-VALUE})")
    private int messages = 100_000;

    @Option(names = "--dead", description = "deleted rows that an old read view keeps (${DEFAULT-VALUE})")
    private int dead = 1_000_000;

    @Option(names = "--parked", description = "parked messages of each state (${DEFAULT-VALUE})")
    private int parked = 1_000_000;

    @Option(names = "--per-second", description = "messages while the latency is taken (${DEFAULT-VALUE})")
    private int perSecond = 100;

    @Option(names = "--seconds", description = "that the latency is taken for (${DEFAULT-VALUE})")
    private int seconds = 3;

    /** What stands beside the messages that are drained. */
    private enum Beside {
        NOTHING(""),
        DEAD_ROWS(""),
        AN_OLD_READ_VIEW(""),
        DEAD_MESSAGES("DEAD"),
        SCHEDULED_MESSAGES("SCHEDULED"),
        HELD_MESSAGES("HELD");

        private final String parkedAs;

        Beside(String parkedAs) {
            this.parkedAs = parkedAs;
        }

        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** One of them, in a database of its own. */
    private final class Case implements AutoCloseable {

        private final Bench bench;
        private final Beside beside;
        private final Database database;
        private final HikariDataSource pool;
        private final Samples perSecondDrained = new Samples();
        private final Samples first = new Samples();
        private final Samples median = new Samples();
        private final Samples p99 = new Samples();

        Case(Bench bench, Beside beside) throws SQLException, InterruptedException {
            this.bench = bench;
            this.beside = beside;
            this.database = bench.database();
            this.pool = database.pool(CONNECTIONS);
            if (!beside.parkedAs.isEmpty()) {
                database.fillParked(beside.parkedAs, parked);
                database.settle();
            }
        }

        void take() throws Exception {
            RelayProcess relay = bench.relay();
            database.execute("TRUNCATE TABLE bida_outbox");
            database.settle();
            try (Connection view = pool.getConnection()) {
                if (beside == Beside.DEAD_ROWS) {
                    database.fill(Shape.USUAL, dead);
                }
                if (beside == Beside.DEAD_ROWS || beside == Beside.AN_OLD_READ_VIEW) {
                    look(view);
                }
                delete();
                database.fill(Shape.USUAL, messages);
                drain(relay);
                view.rollback();
            }
        }

        /** Opens a read view, which keeps every row that is deleted from now on. */
        private void look(Connection view) throws SQLException {
            view.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement statement = view.createStatement();
                    ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM bida_lease")) {
                row.next();
            }
        }

        private void delete() throws SQLException {
            long last = database.last();
            for (long upTo = DELETED_AT_ONCE; upTo < last + DELETED_AT_ONCE; upTo += DELETED_AT_ONCE) {
                database.execute("DELETE FROM bida_outbox WHERE seq > " + (upTo - DELETED_AT_ONCE) + " AND seq <= "
                        + Math.min(upTo, last));
            }
        }

        private void drain(RelayProcess relay) throws Exception {
            Traffic traffic = Traffic.random(perSecond, Duration.ofSeconds(seconds));
            long ordered = Clock.micros();
            long last = database.last();
            relay.begin(RelayOrder.of(database).recording(traffic.messages()));
            long settledAt = relay.awaitSettled(messages, last - messages, last);
            List<Commit> commits = traffic.publish(Publishing.bySql(pool));
            relay.awaitSent(messages + commits.size());
            RelayReport report = relay.end();
            perSecondDrained.add(messages * 1e6 / (settledAt - report.firstAt()));
            first.add((report.firstAt() - ordered) / 1e3);
            Histogram delays = Delays.toArrival(commits, report.ofOrders());
            median.add(Delays.millis(delays, 50));
            p99.add(Delays.millis(delays, 99));
        }

        void report(Run run, Case clean) {
            String where = ", beside " + beside.words();
            run.compare(
                    "drain, messages/s" + where, clean.perSecondDrained, perSecondDrained, Target.ratioAtLeast(0.80));
            run.compare("commit to sink, ms, p50" + where, clean.median, median, Target.ratioAtMost(1.50));
            run.compare("commit to sink, ms, p99" + where, clean.p99, p99, Target.ratioAtMost(1.50));
            run.compare("start to first message, ms" + where, clean.first, first, Target.NONE);
        }

        @Override
        public void close() throws SQLException {
            pool.close();
            database.close();
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        List<Case> cases = new ArrayList<>();
        try {
            List<Rounds.Side> sides = new ArrayList<>();
            for (Beside beside : Beside.values()) {
                Case each = new Case(run.bench(), beside);
                cases.add(each);
                sides.add(each::take);
            }
            Rounds.take(run.rounds(), sides);
            Case clean = cases.get(0);
            cases.stream().filter(each -> each != clean).forEach(each -> each.report(run, clean));
        } finally {
            for (Case each : cases) {
                each.close();
            }
        }
    }
}
