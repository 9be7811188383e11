package io.bida.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.testkit.MariaDbServer;
import io.bida.testkit.TestDatabase;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class OrdersAndStockTest {

    @Test
    void theExampleOfTheReadmeDeliversWhatItCommits() {
        try (MariaDbServer server = MariaDbServer.start();
                HikariDataSource orders = pool(server.freshDatabase());
                HikariDataSource stock = pool(server.freshDatabase())) {
            Jdbi.create(orders).useHandle(handle -> handle.execute("CREATE TABLE orders (id VARCHAR(20) PRIMARY KEY)"));
            Jdbi.create(stock).useHandle(handle -> handle.execute("CREATE TABLE reservation (id VARCHAR(20))"));

            try (OrdersAndStock example = new OrdersAndStock(orders, stock)) {
                example.place("order-1");
                example.place("order-2");

                await().untilAsserted(() -> assertThat(reservations(stock)).containsExactly("order-1", "order-2"));
            }
        }
    }

    private static HikariDataSource pool(TestDatabase database) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(database.url());
        pool.setUsername(database.user());
        pool.setPassword(database.password());
        return pool;
    }

    private static List<String> reservations(HikariDataSource stock) {
        return Jdbi.create(stock)
                .withHandle(handle -> handle.createQuery("SELECT id FROM reservation ORDER BY id")
                        .mapTo(String.class)
                        .list());
    }
}
