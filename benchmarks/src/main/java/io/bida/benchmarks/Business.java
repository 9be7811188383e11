package io.bida.benchmarks;

import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.outbox.Outbox;
import io.bida.transport.Answer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;

/**
 * A business transaction of two statements: an account is charged, an order is inserted. What it does for its message
 * is what is compared. Thread-safe.
 */
final class Business {

    /** What the transaction does for its message. */
    enum Messaging {
        NONE,
        /** The same bytes into a table with nothing but a primary key. */
        BARE,
        /** {@link Outbox#publish}. */
        OUTBOX,
        /** The same by the handler of an {@link Inbox}, which refuses a request that it knows. */
        OUTBOX_ONCE
    }

    private static final int ACCOUNTS = 10_000;
    private static final String TOPIC = "orders.placed";
    private static final String TYPE = "OrderPlaced";

    private final Outbox outbox = Outbox.create();
    private final Inbox requests;
    private final AtomicInteger orders = new AtomicInteger();
    private final byte[] payload = "x".repeat(Shape.USUAL_PAYLOAD).getBytes(StandardCharsets.UTF_8);

    Business(Database database) throws SQLException {
        String key = "id " + database.idiom.identity() + " PRIMARY KEY, ";
        database.execute("CREATE TABLE bench_account (id INT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL)");
        database.execute("INSERT INTO bench_account SELECT n, 1000000 FROM bench_number WHERE n < " + ACCOUNTS);
        database.execute("CREATE TABLE bench_order (" + key + "account INT NOT NULL, amount INT NOT NULL)");
        database.execute("CREATE TABLE bench_bare (" + key + "body " + database.idiom.binary() + " NOT NULL)");
        requests = Inbox.forGroup("orders-api")
                .on(Jdbi.create(database.at::connect))
                .build();
    }

    /** So that each round begins alike. */
    void clear(Database database) throws SQLException, InterruptedException {
        database.clear();
        database.execute("TRUNCATE TABLE bench_order");
        database.execute("TRUNCATE TABLE bench_bare");
        database.execute("TRUNCATE TABLE bida_inbox");
        database.settle();
    }

    /** Without the commit. */
    void transact(Connection connection, Messaging messaging) throws SQLException {
        int account = ThreadLocalRandom.current().nextInt(ACCOUNTS);
        try (PreparedStatement charge =
                        connection.prepareStatement("UPDATE bench_account SET balance = balance - ? WHERE id = ?");
                PreparedStatement order =
                        connection.prepareStatement("INSERT INTO bench_order (account, amount) VALUES (?, ?)")) {
            charge.setInt(1, 1);
            charge.setInt(2, account);
            charge.executeUpdate();
            order.setInt(1, account);
            order.setInt(2, 1);
            order.executeUpdate();
        }
        switch (messaging) {
            case NONE -> {}
            case BARE -> insertBare(connection, message());
            case OUTBOX -> outbox.publish(connection, message());
            case OUTBOX_ONCE -> publishOnce(connection);
        }
    }

    private void publishOnce(Connection connection) {
        Answer answer = requests.handle(connection, message(), outbox::publish);
        if (!(answer instanceof Answer.Handled)) {
            throw new IllegalStateException("A request that nobody made before was answered " + answer + ".");
        }
    }

    private Message message() {
        return Message.to(TOPIC)
                .type(TYPE)
                .bizId("order-" + orders.incrementAndGet())
                .payload(Payload.wrap(payload))
                .build();
    }

    private static void insertBare(Connection connection, Message message) throws SQLException {
        String envelope = message.topic() + message.type() + message.bizId().value() + message.contentType();
        byte[] text = envelope.getBytes(StandardCharsets.UTF_8);
        byte[] id = message.id().bytes();
        byte[] body = new byte[id.length + text.length + message.payload().size()];
        System.arraycopy(id, 0, body, 0, id.length);
        System.arraycopy(text, 0, body, id.length, text.length);
        message.payload()
                .buffer()
                .get(body, id.length + text.length, message.payload().size());
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO bench_bare (body) VALUES (?)")) {
            insert.setBytes(1, body);
            insert.executeUpdate();
        }
    }
}
