package io.bida.examples;

import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.outbox.Outbox;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.transport.http.HttpReceiver;
import io.bida.transport.http.HttpSender;
import java.net.URI;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The example of the README; a test compiles and runs it, and another holds the README to it. */
public final class OrdersAndStock implements AutoCloseable {

    private final HttpReceiver receiver;
    private final HttpSender web;
    private final Relay relay;
    private final Outbox outbox;
    private final Jdbi orders;

    /** Starts both sides, each with its database, migrated. */
    public OrdersAndStock(DataSource ordersDatabase, DataSource stockDatabase) {
        // README:receive
        Inbox inbox = Inbox.forGroup("stock").on(stockDatabase).build();
        receiver = HttpReceiver.to(inbox.intake((tx, message) -> tx.execute(
                        "INSERT INTO reservation VALUES (?)", message.bizId().value())))
                .open();
        // README:end

        // README:relay
        web = HttpSender.to(URI.create("http://127.0.0.1:" + receiver.port() + "/events"))
                .open();
        relay = Relay.builder()
                .dataSource(ordersDatabase)
                .sender("web", web)
                .route(new Route("orders.**", "web"))
                .build();
        relay.start();
        // README:end

        outbox = Outbox.builder().onPublish(relay::wake).build();
        orders = Jdbi.create(ordersDatabase);
    }

    /** An order and its message, or neither. */
    public void place(String order) {
        // README:publish
        orders.useTransaction(tx -> {
            tx.execute("INSERT INTO orders VALUES (?)", order);
            outbox.publish(
                    tx,
                    Message.to("orders.placed")
                            .type("OrderPlaced")
                            .bizId(order)
                            .payload("{}")
                            .build());
        });
        // README:end
    }

    @Override
    public void close() {
        relay.close();
        web.close();
        receiver.close();
    }
}
