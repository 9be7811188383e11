package io.bida.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.inbox.BatchHandler;
import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Handles messages as fast as they can, each through a connection of a pool with auto-commit off. The handler inserts one
 * row; what is done so that it does it once is what is compared.
 */
final class Consumers implements AutoCloseable {

    /** How messages are taken. */
    enum Receiving {
        /** The handler in a transaction with the ledger's bytes in a table with nothing but a primary key. */
        BARE,
        /** {@link Inbox#handle}. */
        ONE_BY_ONE,
        /** {@link Inbox#handleAll}. */
        BATCHES,
        /** The same, with a handler that inserts all rows of a batch at once. */
        BATCHES_IN_BULK
    }

    private static final String GROUP = "bench";
    private static final String TYPE = "OrderPlaced";
    private static final int NUMBERS = 10_000;
    private static final long FIRST = 1_000_000_000_000L;
    private static final Duration STATISTICS = Duration.ofSeconds(30);
    private static final int LEDGER_BYTES = 90;
    private static final String EFFECT = "INSERT INTO bench_effect (name) VALUES (?)";

    private final Database database;
    private final int connections;
    private final int batch;
    private final int ledger;
    private final Duration left;
    private final HikariDataSource pool;
    private final ExecutorService threads;
    private final Inbox inbox;
    private final AtomicLong orders;

    /**
     * @param batch messages in one transaction
     * @param ledger messages that were handled before
     */
    Consumers(Database database, int connections, int batch, int ledger) throws SQLException {
        this(database, connections, batch, ledger, Duration.ofDays(30));
    }

    /** @param left how long the ledger is still to remember them; less than nothing when it is to forget them */
    Consumers(Database database, int connections, int batch, int ledger, Duration left) throws SQLException {
        this.database = database;
        this.connections = connections;
        this.batch = batch;
        this.ledger = ledger;
        this.left = left;
        this.pool = database.pool(connections);
        pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        this.threads = Executors.newFixedThreadPool(connections);
        this.inbox = Inbox.forGroup(GROUP).on(pool).build();
        this.orders = new AtomicLong(FIRST + ledger);
        String key = "(id " + database.idiom.identity() + " PRIMARY KEY, ";
        database.execute("DROP TABLE IF EXISTS bench_effect");
        database.execute("DROP TABLE IF EXISTS bench_bare");
        database.execute("CREATE TABLE bench_effect " + key + "name VARCHAR(100) NOT NULL)");
        database.execute("CREATE TABLE bench_bare " + key + "body " + database.idiom.binary() + " NOT NULL)");
        fillLedger();
    }

    private void fillLedger() throws SQLException {
        for (int done = 0; done < ledger; done += NUMBERS) {
            String number = "(" + (FIRST + done) + " + n)";
            database.execute("""
                    INSERT INTO bida_inbox
                        (consumer_group, scene, biz_id, message_id, payload_hash, handled_at, expires_at)
                    SELECT '%s', '%s', CONCAT('order-', %s), %s, %s, %s, %s
                    FROM bench_number WHERE n < %d ORDER BY n""".formatted(
                            GROUP,
                            TYPE,
                            number,
                            database.idiom.messageId(number),
                            database.idiom.bytes(16),
                            database.at.dialect().now(),
                            database.at.dialect().nowPlus(String.valueOf(left.toSeconds() * 1_000_000)),
                            Math.min(NUMBERS, ledger - done)));
        }
    }

    /** So that each round begins alike. */
    void clear() throws Exception {
        empty("bench_effect");
        empty("bench_bare");
        if (ledger == 0) {
            empty("bida_inbox");
        }
        database.settle();
    }

    /** MariaDB refuses at once, as if for a lock, while it takes statistics of the table in the background. */
    private void empty(String table) throws Exception {
        if (!Patience.until(() -> isEmptied(table), STATISTICS)) {
            throw new IllegalStateException(table + " could not be emptied within " + STATISTICS.toSeconds() + " s");
        }
    }

    private boolean isEmptied(String table) throws SQLException {
        try {
            database.execute("TRUNCATE TABLE " + table);
            return true;
        } catch (SQLException e) {
            if (database.at.dialect().isLockWait(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Messages per second over a time. */
    double perSecond(Receiving receiving, Duration time) throws Exception {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        List<Callable<Long>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(() -> consumedUntil(end, receiving));
        }
        long consumed = 0;
        for (Future<Long> each : threads.invokeAll(all)) {
            consumed += each.get();
        }
        return consumed * 1e9 / (System.nanoTime() - begin);
    }

    private long consumedUntil(long end, Receiving receiving) throws SQLException {
        long consumed = 0;
        while (System.nanoTime() < end) {
            consumed += consume(receiving);
        }
        return consumed;
    }

    /** One message or one batch; answers how many it were. */
    int consume(Receiving receiving) throws SQLException {
        Handler one = (tx, message) -> insertEffect(tx.getConnection(), message);
        BatchHandler inBulk = (tx, messages) -> insertEffects(tx.getConnection(), messages);
        return switch (receiving) {
            case BARE -> consumeBare(message());
            case ONE_BY_ONE -> checked(List.of(inbox.handle(message(), one)));
            case BATCHES -> checked(inbox.handleAll(messages(), one));
            case BATCHES_IN_BULK -> checked(inbox.handleAll(messages(), inBulk));
        };
    }

    private int consumeBare(Message message) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement bare = connection.prepareStatement("INSERT INTO bench_bare (body) VALUES (?)")) {
            byte[] body = new byte[LEDGER_BYTES];
            byte[] id = message.bizId().value().getBytes(StandardCharsets.UTF_8);
            System.arraycopy(id, 0, body, 0, id.length);
            bare.setBytes(1, body);
            bare.executeUpdate();
            insertEffect(connection, message);
            connection.commit();
            return 1;
        }
    }

    private static int checked(List<Answer> answers) {
        for (Answer answer : answers) {
            if (!(answer instanceof Answer.Handled)) {
                throw new IllegalStateException("a message was not handled: " + answer);
            }
        }
        return answers.size();
    }

    private static void insertEffect(Connection connection, Message message) throws SQLException {
        insertEffects(connection, List.of(message));
    }

    private static void insertEffects(Connection connection, List<Message> messages) throws SQLException {
        String sql = EFFECT + ", (?)".repeat(messages.size() - 1);
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int i = 0; i < messages.size(); i++) {
                insert.setString(i + 1, messages.get(i).bizId().value());
            }
            insert.executeUpdate();
        }
    }

    private List<Message> messages() {
        return Stream.generate(this::message).limit(batch).toList();
    }

    private Message message() {
        return Message.to("orders.placed")
                .type(TYPE)
                .bizId("order-" + orders.getAndIncrement())
                .payload("{}")
                .build();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        pool.close();
    }
}
