package io.bida.compatibility;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.Message;
import io.bida.relay.RetryPolicy;
import io.bida.stored.StoredInbox;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Handle;

/** A process that handles what is stored, until it is killed. Some keys fail from a number on until they are mended. */
final class StoredWorker {

    static final String GROUP = "effects";
    static final int FAILING = 20;
    private static final int FAILS_FROM = 3;

    private StoredWorker() {}

    /** @param arguments the database's address and user; its password comes from the environment */
    public static void main(String[] arguments) throws InterruptedException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(arguments[0]);
        config.setUsername(arguments[1]);
        config.setPassword(System.getenv(ChildRelay.SECRET));
        config.setMaximumPoolSize(16);
        config.setAutoCommit(false);
        StoredInbox.forGroup(GROUP)
                .on(new HikariDataSource(config))
                .lease(Duration.ofSeconds(2))
                .retry(new RetryPolicy(Duration.ofMillis(100), 2, Duration.ofSeconds(1), 0.2, 1_000))
                .handler(StoredWorker::handle)
                .build()
                .start();
        new CountDownLatch(1).await();
    }

    private static void handle(Handle tx, Message message) {
        String bizId = message.bizId().value();
        tx.execute("INSERT INTO effect (biz_id) VALUES (?)", bizId);
        if (Integer.parseInt(key(bizId)) < FAILING && number(bizId) >= FAILS_FROM && !isMended(tx)) {
            throw new IllegalStateException("not mended yet");
        }
    }

    private static boolean isMended(Handle tx) {
        return tx.createQuery("SELECT COUNT(*) FROM mended")
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    static String key(String bizId) {
        return bizId.substring(0, bizId.indexOf('/'));
    }

    static int number(String bizId) {
        return Integer.parseInt(bizId.substring(bizId.indexOf('/') + 1));
    }
}
