package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.outbox.Shards;
import io.bida.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A fresh database with Bida's schema in it, to be filled and emptied. Not thread-safe. */
final class Database implements AutoCloseable {

    private static final int NUMBERS = 10_000;
    private static final int LOOK_AGAIN_MILLIS = 50;
    private static final int MOST_LOOKS = 1_200;
    private static final List<String> TABLES =
            List.of("bida_outbox", "bida_outbox_parked", "bida_attempt", "bida_outbox_history");

    final TestDatabase at;
    final Idiom idiom;
    private final Connection connection;

    Database(TestDatabase at, Idiom idiom) throws SQLException {
        this.at = at;
        this.idiom = idiom;
        this.connection = at.connect();
        for (String sql : idiom.session()) {
            execute(sql);
        }
        execute("CREATE TABLE bench_number (n INT NOT NULL PRIMARY KEY)");
        execute("INSERT INTO bench_number VALUES "
                + IntStream.range(0, NUMBERS).mapToObj(n -> "(" + n + ")").collect(Collectors.joining(",")));
    }

    DatabaseMetaData metaData() throws SQLException {
        return connection.getMetaData();
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** So many connections with auto-commit off. */
    HikariDataSource pool(int connections) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(at.url());
        pool.setUsername(at.user());
        pool.setPassword(at.password());
        pool.setMaximumPoolSize(connections);
        pool.setAutoCommit(false);
        return pool;
    }

    /** Adds messages at the end of the outbox; no number is left out. */
    void fill(Shape shape, int messages) throws SQLException {
        long first = last() + 1;
        for (int done = 0; done < messages; done += shape.rowsPerStatement()) {
            int rows = Math.min(shape.rowsPerStatement(), messages - done);
            String number = "(" + (first + done) + " + n)";
            execute("""
                    INSERT INTO bida_outbox (seq, topic, type, biz_id, ordering_key, payload)
                    SELECT %s, 'orders.placed', 'OrderPlaced', CONCAT('order-', %s), %s, %s
                    FROM bench_number WHERE n < %d ORDER BY n""".formatted(number, number, shape.orderingKey(number), idiom.bytes(shape.payload()), rows));
        }
        for (String sql : idiom.continueAt(first + messages)) {
            execute(sql);
        }
    }

    /** Adds messages as {@link #fill}, in one transaction. */
    void fillAtOnce(Shape shape, int messages) throws SQLException {
        connection.setAutoCommit(false);
        try {
            fill(shape, messages);
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Waits until so many relays have a fair share of the shards each. */
    void awaitShared(int relays) throws SQLException, InterruptedException {
        String most = "SELECT MAX(held) FROM (SELECT COUNT(*) AS held FROM bida_lease GROUP BY owner) share";
        int fair = (Shards.COUNT + relays - 1) / relays;
        for (int looks = 0; number(most) > fair; looks++) {
            if (looks > MOST_LOOKS) {
                throw new IllegalStateException("the relays did not share the shards");
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    /** Parks messages of that state that are due in a month; each held one behind one to be retried. */
    void fillParked(String state, int messages) throws SQLException {
        String ownState =
                state.equals("HELD") ? "CASE WHEN %1$s < 1000 THEN 'RETRY' ELSE 'HELD' END" : "'" + state + "'";
        for (int done = 0; done < messages; done += NUMBERS) {
            String number = "(" + done + " + n)";
            execute("""
                    INSERT INTO bida_outbox_parked (seq, message_id, topic, type, biz_id, ordering_key, content_type,
                        payload, created_at, due_at, state, attempts, parked_at)
                    SELECT %s, %s, 'orders.placed', 'OrderPlaced', CONCAT('order-', %s), CONCAT('parked-', MOD(%s, 1000)),
                        'application/json', %s, %s, %s, %s, 1, %s
                    FROM bench_number WHERE n < %d ORDER BY n""".formatted(
                            number,
                            idiom.messageId(number),
                            number,
                            number,
                            idiom.bytes(Shape.USUAL_PAYLOAD),
                            at.dialect().now(),
                            at.dialect().nowPlus(String.valueOf(30L * 24 * 3_600 * 1_000_000)),
                            ownState.formatted(number),
                            at.dialect().now(),
                            Math.min(NUMBERS, messages - done)));
        }
    }

    /** The lowest number in the outbox; 0 when it is empty. */
    long first() throws SQLException {
        return number("SELECT seq FROM bida_outbox ORDER BY seq LIMIT 1");
    }

    /** The highest number in the outbox; 0 when it is empty. */
    long last() throws SQLException {
        return number("SELECT seq FROM bida_outbox ORDER BY seq DESC LIMIT 1");
    }

    /** Empties Bida's tables. */
    void clear() throws SQLException {
        for (String table : TABLES) {
            execute("TRUNCATE TABLE " + table);
        }
    }

    /** Waits until the server has removed what was deleted. */
    void settle() throws SQLException, InterruptedException {
        idiom.settle(this);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        at.close();
    }
}
