package io.bida.transport.contract;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import java.nio.file.Path;
import java.time.Duration;

/** The program of a {@link RelayProcess}; runs until it is killed or its parent ends. */
final class RelayMain {

    /** The environment variable with the database's password. */
    static final String PASSWORD = "BIDA_TEST_SECRET";

    private RelayMain() {}

    public static void main(String[] args) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(args[0]);
        config.setUsername(args[1]);
        config.setPassword(System.getenv(PASSWORD));
        config.setAutoCommit(false);
        String type = args[2];
        Relay relay = Relay.builder()
                .name("road-relay")
                .dataSource(new HikariDataSource(config))
                .lease(Duration.ofSeconds(2))
                .retry(new RetryPolicy(Duration.ofMillis(100), 2, Duration.ofSeconds(1), 0.2, 1_000))
                .sender("broker", Senders.create(type, RelayProcess.settings(Path.of(args[3]))))
                .route(new Route("**", "broker"))
                .build();
        relay.start();
        ProcessHandle.current().parent().orElseThrow().onExit().join();
    }
}
