package io.bida.examples.demo;

import io.bida.message.Message;
import io.bida.outbox.Outbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The sending business: an order and the message that tells of it are one transaction. Thread-safe. */
final class OrderService {

    static final int CUSTOMERS = 5;

    private static final int CHANGES_OF_MIND = 10;
    private static final int SKUS = 20;

    private final Jdbi jdbi;
    private final Outbox outbox;
    private final AtomicInteger tried = new AtomicInteger();
    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicInteger rolledBack = new AtomicInteger();

    OrderService(DataSource dataSource, Runnable wakeRelay) {
        jdbi = Jdbi.create(dataSource);
        outbox = Outbox.builder().onPublish(wakeRelay).build();
        jdbi.useHandle(handle -> handle.execute(
                "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, sku VARCHAR(20) NOT NULL, quantity INT NOT NULL)"));
    }

    private static final class ChangedMind extends RuntimeException {}

    /** Tries the orders from all customers at once, spread over at least that time. */
    void tryAll(int orders, Duration atLeast, ExecutorService customers) {
        long start = System.nanoTime();
        List<Future<?>> all = new ArrayList<>();
        for (int customer = 1; customer < CUSTOMERS; customer++) {
            all.add(customers.submit(() -> {
                for (int id = tried.incrementAndGet(); id <= orders; id = tried.incrementAndGet()) {
                    Progress.pauseUntil(start + atLeast.toNanos() / orders * id);
                    place(id);
                }
            }));
        }
        all.forEach(OrderService::join);
        tried.set(orders);
    }

    private void place(int id) {
        String sku = "sku-" + id % SKUS;
        int quantity = 1 + id % 3;
        try {
            jdbi.useTransaction(transaction -> {
                transaction.execute("INSERT INTO orders (id, sku, quantity) VALUES (?, ?, ?)", id, sku, quantity);
                outbox.publish(
                        transaction,
                        Message.to("orders.placed")
                                .type("OrderPlaced")
                                .bizId("order-" + id)
                                .orderingKey(sku)
                                .payload("{\"order\":" + id + ",\"sku\":\"" + sku + "\",\"quantity\":" + quantity + "}")
                                .build());
                if (id % CHANGES_OF_MIND == 0) {
                    throw new ChangedMind();
                }
            });
            committed.incrementAndGet();
        } catch (ChangedMind e) {
            rolledBack.incrementAndGet();
        }
    }

    int tried() {
        return tried.get();
    }

    int committed() {
        return committed.get();
    }

    int rolledBack() {
        return rolledBack.get();
    }

    private static void join(Future<?> customer) {
        try {
            customer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("An order could not be tried.", e.getCause());
        }
    }
}
