package io.bida.benchmarks;

import io.bida.message.Message;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** How fast waiting messages are delivered to a sink that accepts at once, and how fast rows can be read and deleted. */
final class Drain {

    private static final int BATCH = 500;

    private Drain() {}

    /** Rows per second when the same rows are read and deleted in batches by plain JDBC. */
    static double raw(Bench bench, int messages) throws SQLException {
        long start = System.nanoTime();
        int deleted = 0;
        try (Connection connection = bench.dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement read = connection.prepareStatement(
                            "SELECT seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type,"
                                    + " headers, payload, created_at, due_at, expires_at, shard FROM bida_outbox"
                                    + " WHERE seq > ? ORDER BY seq LIMIT " + BATCH);
                    Statement delete = connection.createStatement()) {
                long last = 0;
                List<Long> seqs = new ArrayList<>();
                do {
                    seqs.clear();
                    read.setLong(1, last);
                    try (ResultSet rows = read.executeQuery()) {
                        while (rows.next()) {
                            last = rows.getLong(1);
                            seqs.add(last);
                            for (int column = 2; column <= 15; column++) {
                                rows.getObject(column);
                            }
                        }
                    }
                    if (!seqs.isEmpty()) {
                        deleted += delete.executeUpdate(
                                bench.database.dialect().deleteByKey("bida_outbox", "seq", seqs, ""));
                        connection.commit();
                    }
                } while (!seqs.isEmpty());
            }
        }
        return perSecond(deleted, messages, start);
    }

    /** Messages per second through a relay. */
    static double relayed(Bench bench, int messages, boolean history) throws SQLException, InterruptedException {
        CountingSink sink = new CountingSink(messages);
        try (Relay relay = Relay.builder()
                .name("bench-relay")
                .dataSource(bench.dataSource)
                .sender("sink", sink)
                .route(new Route("**", "sink"))
                .history(history ? Duration.ofHours(24) : Duration.ZERO)
                .build()) {
            long start = System.nanoTime();
            relay.start();
            sink.all.await();
            while (isFilled(bench)) {
                Thread.onSpinWait();
            }
            return perSecond(sink.count.get(), messages, start);
        }
    }

    private static boolean isFilled(Bench bench) throws SQLException {
        try (Connection connection = bench.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM bida_outbox ORDER BY seq DESC LIMIT 1")) {
            return row.next();
        }
    }

    private static double perSecond(int done, int expected, long start) {
        if (done < expected) {
            throw new IllegalStateException(done + " of " + expected + " were done.");
        }
        return done * 1e9 / (System.nanoTime() - start);
    }

    static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static final class CountingSink implements Sender {

        private static final CompletionStage<Receipt> ACCEPTED =
                CompletableFuture.completedStage(new Receipt.Accepted("sink"));

        final AtomicInteger count = new AtomicInteger();
        final CountDownLatch all = new CountDownLatch(1);
        private final int expected;

        CountingSink(int expected) {
            this.expected = expected;
        }

        @Override
        public List<CompletionStage<Receipt>> send(List<Message> messages) {
            if (count.addAndGet(messages.size()) >= expected) {
                all.countDown();
            }
            return Collections.nCopies(messages.size(), ACCEPTED);
        }

        @Override
        public void close() {}
    }
}
