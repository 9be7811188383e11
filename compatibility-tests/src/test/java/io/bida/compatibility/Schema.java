package io.bida.compatibility;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.Message;
import io.bida.testkit.TestDatabase;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** One test's database: a pool, and the questions that tests ask of the tables. */
final class Schema implements AutoCloseable {

    final TestDatabase database;
    final HikariDataSource dataSource;
    final Jdbi jdbi;

    Schema(Store store) {
        database = store.fresh();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        config.setMaximumPoolSize(30);
        config.setMinimumIdle(0);
        dataSource = new HikariDataSource(config);
        jdbi = Jdbi.create(dataSource);
    }

    int count(String table) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM " + table)
                .mapTo(Integer.class)
                .one());
    }

    List<String> strings(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    /** State and biz-id of what is parked, in that order. */
    List<String> parked() {
        return strings("SELECT CONCAT(state, ' ', biz_id) FROM bida_outbox_parked ORDER BY state, biz_id");
    }

    List<String> deadReasons() {
        return strings("SELECT last_error FROM bida_outbox_parked WHERE state = 'DEAD' ORDER BY last_error");
    }

    /** How many shards each relay holds. */
    List<Integer> shares() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "SELECT COUNT(*) FROM bida_lease WHERE owner IS NOT NULL GROUP BY owner ORDER BY 1")
                .mapTo(Integer.class)
                .list());
    }

    /** Inserts as a producer in another language does: plain SQL, only what must be given, and one column more. */
    void insert(String topic, String bizId, @Nullable String column, @Nullable String value) {
        String more = column == null ? "" : ", " + column;
        String moreValue = column == null ? "" : ", " + value;
        jdbi.useTransaction(handle -> handle.createUpdate("INSERT INTO bida_outbox (topic, type, biz_id, payload" + more
                        + ") VALUES (:topic, 'Thing', :bizId, :payload" + moreValue + ")")
                .bind("topic", topic)
                .bind("bizId", bizId)
                .bind("payload", new byte[] {1})
                .execute());
    }

    static Message message(String bizId, @Nullable String key) {
        return message("orders.placed", bizId, key);
    }

    static Message message(String topic, String bizId, @Nullable String key) {
        return Message.to(topic)
                .type("OrderPlaced")
                .bizId(bizId)
                .orderingKey(key)
                .payload("{}")
                .build();
    }

    @Override
    public void close() {
        dataSource.close();
        if (!database.dialect().name().equals("h2")) {
            database.close();
        }
    }
}
