package io.bida.benchmarks;

import io.bida.benchmarks.Traffic.Commit;
import io.bida.benchmarks.Traffic.Publisher;
import io.bida.message.Message;
import io.bida.outbox.Outbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The ways to publish one message, or one to each of several sinks, in a transaction. */
final class Publishing {

    private static final String PAYLOAD = "x".repeat(Shape.USUAL_PAYLOAD);

    private Publishing() {}

    /** On a Jdbi handle, which tells the outbox when it commits. */
    static Publisher onHandle(DataSource pool, Outbox outbox) {
        Jdbi jdbi = Jdbi.create(pool);
        return number -> {
            try (Handle handle = jdbi.open()) {
                handle.begin();
                outbox.publish(handle, message("orders", number));
                long sentAt = Clock.micros();
                handle.commit();
                return new Commit(sentAt, Clock.micros());
            }
        };
    }

    /** On a plain connection. */
    static Publisher onConnection(DataSource pool, Outbox outbox, Collection<String> sinks) {
        return number -> {
            List<Message> messages =
                    sinks.stream().map(sink -> message(sink, number)).toList();
            try (Connection connection = pool.getConnection()) {
                outbox.publish(connection, messages);
                return commit(connection);
            }
        };
    }

    /** With nothing of Bida's, as a service in another language would. */
    static Publisher bySql(DataSource pool) {
        return number -> {
            try (Connection connection = pool.getConnection();
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO bida_outbox"
                            + " (topic, type, biz_id, payload) VALUES ('orders.placed', 'OrderPlaced', ?, ?)")) {
                insert.setString(1, Arrivals.bizId(number));
                insert.setBytes(2, new byte[Shape.USUAL_PAYLOAD]);
                insert.executeUpdate();
                return commit(connection);
            }
        };
    }

    private static Commit commit(Connection connection) throws SQLException {
        long sentAt = Clock.micros();
        connection.commit();
        return new Commit(sentAt, Clock.micros());
    }

    private static Message message(String sink, int number) {
        return Message.to(sink + ".placed")
                .type("OrderPlaced")
                .bizId(Arrivals.bizId(number))
                .payload(PAYLOAD)
                .build();
    }
}
