package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.compatibility.PlainReceiver.Reply;
import io.bida.testkit.Durability;
import io.bida.testkit.MariaDbServer;
import io.bida.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the relay's process starts, refuses to start, stops, and outlives its database. */
@Timeout(120)
class StartupTest {

    private static final List<Store> SERVERS = List.of(Store.MARIADB, Store.MYSQL, Store.POSTGRESQL);
    private static final String PASSWORD = "hush-7391-hush";
    private static final String WEB = "transports: { web: { type: http, url: \"http://127.0.0.1:9/events\" } }\n";
    private static final String ROUTES = "routes: [ { topic: \"**\", to: web } ]\n";
    private static final Duration MOST = Duration.ofSeconds(20);
    private static final int MOST_LINES = 6;

    @TempDir
    private Path folder = Path.of("");

    private final List<ChildRelay> relays = new ArrayList<>();
    private final Map<Store, Schema> schemas = new HashMap<>();

    @AfterEach
    void close() {
        relays.forEach(ChildRelay::close);
        schemas.values().forEach(Schema::close);
    }

    @Test
    void aWrongPasswordEndsItAtOnce() {
        List<ChildRelay> started = SERVERS.stream()
                .map(store -> start(config(ChildRelay.database(database(store))), PASSWORD))
                .toList();

        for (ChildRelay relay : started) {
            assertRefused(relay, "user 'bida'", "wrong user or password");
        }
    }

    @Test
    void aDatabaseThatCannotBeReachedIsTriedForTenSeconds() throws IOException {
        List<ChildRelay> started = new ArrayList<>();
        int port = closedPort();
        long begin = System.nanoTime();
        for (Store store : SERVERS) {
            String url = ChildRelay.database(database(store)).replaceFirst("127.0.0.1:\\d+", "127.0.0.1:" + port);
            started.add(start(config(url), PASSWORD));
        }

        for (ChildRelay relay : started) {
            assertRefused(relay, "127.0.0.1:" + port, "cannot be reached: connection refused", "tried for 10 s");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(9));
    }

    @Test
    void anUnknownDatabaseEndsItAtOnce() {
        List<ChildRelay> started = SERVERS.stream()
                .map(store -> {
                    TestDatabase database = database(store);
                    String section = ChildRelay.database(database).replace(database.name(), "no_such_database");
                    return start(config(section), database.password());
                })
                .toList();

        for (ChildRelay relay : started) {
            assertRefused(relay, "no_such_database", "does not exist");
        }
    }

    @Test
    void missingTablesEndItAtOnceAndTheRemedyIsNamed() {
        List<ChildRelay> started = SERVERS.stream()
                .map(store -> {
                    TestDatabase database = database(store);
                    database.execute("DROP TABLE bida_outbox");
                    return start(config(ChildRelay.database(database)), database.password());
                })
                .toList();

        for (ChildRelay relay : started) {
            assertRefused(relay, "lacks Bida's tables", "./bida migrate");
        }
    }

    @Test
    void whatIsWrongInTheFileIsNamedWithItsLine() {
        String database = ChildRelay.database("jdbc:mariadb://127.0.0.1:9/orders", "bida");
        ChildRelay unknownKey =
                start(write("name: x\n" + database + WEB + ROUTES + "retries: { first: 1s }\n"), PASSWORD);
        ChildRelay unknownType = start(config(database, WEB.replace("http,", "htpt,"), ""), PASSWORD);
        ChildRelay noVariable = start(config(database), Map.of());
        ChildRelay broken = start(write("name: x\ndatabase: { url: \"jdbc\n"), PASSWORD);
        ChildRelay noFile = start(folder.resolve("nowhere.yaml"), PASSWORD);

        assertRefused(unknownKey, "line 5", "retries", "retry");
        assertRefused(unknownType, "line 3", "no transport of type 'htpt'", "http");
        assertRefused(noVariable, "line 2", "database.password", ChildRelay.SECRET, "not set");
        assertRefused(broken, "line 2", "relay-");
        assertRefused(noFile, "nowhere.yaml");
    }

    @Test
    void aTakenConsolePortEndsItAtOnce() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestDatabase database = database(Store.MARIADB);
            String console = "console: { port: " + taken.getLocalPort() + " }\n";
            ChildRelay relay = start(config(ChildRelay.database(database), WEB, console), database.password());

            assertRefused(relay, "Port " + taken.getLocalPort(), "is taken", "console.port");
        }
    }

    @Test
    void sigtermSettlesWhatIsUnderWayAndGivesTheLeasesBack() throws Exception {
        Schema schema = schema(Store.MARIADB);
        CountDownLatch goOn = new CountDownLatch(1);
        try (PlainReceiver receiver = new PlainReceiver()) {
            receiver.answer = arrival -> {
                await().until(() -> goOn.getCount() == 0);
                return Reply.OK;
            };
            ChildRelay relay = start(
                    config(ChildRelay.database(schema.database), receiver.transport(), "relay: { shutdown: 5s }\n"),
                    schema.database.password());
            schema.insert("orders", "order-1", null, null);
            await().atMost(MOST)
                    .untilAsserted(() -> assertThat(receiver.arrivals).hasSize(1));
            assertThat(schema.shares()).containsExactly(64);

            Thread answer = new Thread(() -> {
                await().atMost(MOST).until(() -> relay.errors().contains("stopping"));
                goOn.countDown();
            });
            answer.start();
            long begin = System.nanoTime();
            assertThat(relay.terminate()).isZero();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(7));
            answer.join();
            assertThat(schema.shares()).isEmpty();
            assertThat(schema.count("bida_node")).isZero();
            assertThat(schema.count("bida_outbox")).isZero();
        }
    }

    @Test
    void sigtermDoesNotWaitLongerThanShutdownForAnAnswer() {
        Schema schema = schema(Store.MARIADB);
        try (PlainReceiver receiver = new PlainReceiver()) {
            CountDownLatch never = new CountDownLatch(1);
            receiver.answer = arrival -> {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Reply.OK;
            };
            String web = receiver.transport().replace("/events\"", "/events\", timeout: 60s");
            ChildRelay relay = start(
                    config(ChildRelay.database(schema.database), web, "relay: { shutdown: 1s }\n"),
                    schema.database.password());
            schema.insert("orders", "order-1", null, null);
            await().atMost(MOST)
                    .untilAsserted(() -> assertThat(receiver.arrivals).hasSize(1));

            long begin = System.nanoTime();
            assertThat(relay.terminate()).isZero();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
            assertThat(schema.shares()).isEmpty();
            assertThat(schema.count("bida_outbox")).isEqualTo(1);
        }
    }

    @Test
    void aDatabaseThatGoesAwayIsWaitedForAndWhatItHeldIsDelivered() throws Exception {
        try (MariaDbServer server = MariaDbServer.start(Durability.RELAXED);
                PlainReceiver receiver = new PlainReceiver()) {
            TestDatabase database = server.freshDatabase();
            ChildRelay relay = start(
                    config(ChildRelay.database(database), receiver.transport(), "relay: { lease: 2s }\n"),
                    database.password());
            insert(database, "before");
            await().atMost(MOST)
                    .untilAsserted(() -> assertThat(receiver.bizIds()).contains("before"));
            server.kill();
            await().atMost(MOST).untilAsserted(() -> assertThat(relay.errors()).contains("tried again until it works"));
            server.restart();
            insert(database, "after");

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(receiver.bizIds()).contains("after"));
            assertThat(relay.isAlive()).isTrue();
            assertThat(relay.errors()).contains("works again").doesNotContain("\tat ");
            assertThat(relay.terminate()).isZero();
        }
    }

    private static void assertRefused(ChildRelay relay, String... words) {
        assertThat(relay.awaitEnd(MOST)).isNotZero();
        String said = relay.errors();
        assertThat(said).contains(words).doesNotContain("\tat ", "Exception", PASSWORD, "bida-secret");
        assertThat(said.lines().count()).as(said).isBetween(1L, (long) MOST_LINES);
        assertThat(relay.output()).isEmpty();
    }

    private static void insert(TestDatabase database, String bizId) {
        database.execute(
                "INSERT INTO bida_outbox (topic, type, biz_id, payload) VALUES ('t', 'T', '" + bizId + "', 'body');\n");
    }

    private static int closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private TestDatabase database(Store store) {
        return schema(store).database;
    }

    private Schema schema(Store store) {
        return schemas.computeIfAbsent(store, Schema::new);
    }

    private ChildRelay start(Path config, String password) {
        return start(config, Map.of(ChildRelay.SECRET, password));
    }

    private ChildRelay start(Path config, Map<String, String> environment) {
        ChildRelay relay = ChildRelay.start(config, environment);
        relays.add(relay);
        return relay;
    }

    private Path config(String database) {
        return config(database, WEB, "");
    }

    private Path config(String database, String transports, String more) {
        return write("name: startup-relay\n" + database + transports + ROUTES + more);
    }

    private Path write(String yaml) {
        try {
            return Files.writeString(Files.createTempFile(folder, "relay-", ".yaml"), yaml);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
