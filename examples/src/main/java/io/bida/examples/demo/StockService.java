package io.bida.examples.demo;

import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.transport.Answer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The receiving business: reserves stock for each order, once, however often its message comes. */
final class StockService {

    private final Jdbi jdbi;
    private final Inbox inbox;

    private StockService(DataSource dataSource) {
        jdbi = Jdbi.create(dataSource);
        inbox = Inbox.forGroup("stock").on(dataSource).build();
        jdbi.useHandle(handle -> {
            // No key on the order: were it handled twice, two rows would tell.
            handle.execute("CREATE TABLE reservation (biz_id VARCHAR(128) NOT NULL, payload TEXT NOT NULL)");
            handle.execute("CREATE TABLE arrival (message_id CHAR(36) NOT NULL, answer VARCHAR(20) NOT NULL)");
        });
    }

    static StockService start(DataSource dataSource) {
        return new StockService(dataSource);
    }

    /** From the road. */
    Answer receive(Message message) {
        Answer answer = inbox.handle(message, StockService::reserve);
        jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO arrival (message_id, answer) VALUES (?, ?)",
                message.id().toString(),
                answer.getClass().getSimpleName()));
        return answer;
    }

    private static void reserve(Handle transaction, Message order) {
        transaction.execute(
                "INSERT INTO reservation (biz_id, payload) VALUES (?, ?)",
                order.bizId().value(),
                order.payload().asUtf8());
    }
}
