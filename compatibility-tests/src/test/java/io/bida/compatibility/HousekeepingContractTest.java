package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.zaxxer.hikari.HikariDataSource;
import io.bida.message.MessageId;
import io.bida.relay.Housekeeping;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import io.bida.sql.Dialect;
import io.bida.testkit.FaultyProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What is removed, when, and by whom, on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class HousekeepingContractTest {

    private static final String OFF = Housekeeping.OFF;
    private static final String EVERY_SECOND = "* * * * * ?";
    private static final String IN_2099 = "0 0 0 1 1 ? 2099";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Store store;
    private final Schema schema;
    private final Dialect dialect;
    private final Runs runs = new Runs();

    HousekeepingContractTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        dialect = schema.database.dialect();
    }

    @BeforeEach
    void listen() {
        runs.begin();
    }

    @AfterEach
    void close() {
        runs.end();
        schema.close();
    }

    @Test
    void deliveredMessagesAreForgottenWhenTheirTimeHasPassedAndNotBefore() {
        history(2_500, Duration.ofMinutes(61));
        history(3, Duration.ofMinutes(59));
        try (Relay relay = started("tidy", historyAt(EVERY_SECOND))) {
            await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 3);
            runs.awaitMore("tidy", 2);

            assertThat(schema.count("bida_outbox_history")).isEqualTo(3);
            assertThat(relay.isLive()).isTrue();
        }
    }

    @Test
    void whatFailedAttemptsTellIsKeptForAWeek() {
        attempt("old", Duration.ofDays(8));
        attempt("young", Duration.ofDays(6));
        try (Relay relay = started("tidy", new Housekeeping(OFF, EVERY_SECOND, OFF, OFF))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(schema.strings("SELECT error FROM bida_attempt"))
                            .containsExactly("young"));
            assertThat(relay.isLive()).isTrue();
        }
    }

    @Test
    void theLedgerForgetsWhatItsTimeIsOverFor() {
        ledger("expired", Duration.ofSeconds(1));
        ledger("valid", Duration.ofHours(-1));
        conflict("expired", Duration.ofSeconds(1));
        conflict("valid", Duration.ofHours(-1));
        version(1, Duration.ofSeconds(1));
        version(2, Duration.ofHours(-1));
        try (Relay relay = started("tidy", new Housekeeping(OFF, OFF, EVERY_SECOND, OFF))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(schema.strings("SELECT outcome FROM bida_inbox"))
                            .containsExactly("valid"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(schema.strings("SELECT version FROM bida_inbox_version"))
                            .containsExactly("2"));
            assertThat(schema.count("bida_inbox_conflict")).isEqualTo(1);
            assertThat(schema.count("bida_inbox_conflict WHERE expires_at > " + dialect.now()))
                    .isEqualTo(1);
            assertThat(relay.isLive()).isTrue();
        }
    }

    @Test
    void noMessageThatIsToBeDeliveredOrIsDeadIsEverSweptAway() {
        for (String state : List.of("SCHEDULED", "RETRY", "HELD", "DEAD", "CANCELLED")) {
            parked(state, state + "-old", Duration.ofDays(400));
            parked(state, state + "-young", Duration.ofDays(6));
        }
        try (Relay relay = started("tidy", new Housekeeping(EVERY_SECOND, EVERY_SECOND, EVERY_SECOND, EVERY_SECOND))) {
            await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_parked") < 10);
            runs.awaitMore("tidy", 8);

            assertThat(schema.strings("SELECT biz_id FROM bida_outbox_parked ORDER BY biz_id"))
                    .containsExactly(
                            "CANCELLED-young",
                            "DEAD-old",
                            "DEAD-young",
                            "HELD-old",
                            "HELD-young",
                            "RETRY-old",
                            "RETRY-young",
                            "SCHEDULED-old",
                            "SCHEDULED-young");
            assertThat(relay.isLive()).isTrue();
        }
    }

    @Test
    void aRelayThatIsLongGoneIsSweptAwayAndALivingOneIsNot() {
        schema.jdbi.useHandle(
                handle -> handle.execute("INSERT INTO bida_node (node, name, started_at, heartbeat_at) VALUES ('gone',"
                        + " 'gone', " + ago(Duration.ofHours(3)) + ", " + ago(Duration.ofHours(2)) + ")"));
        try (Relay relay = started("tidy", new Housekeeping(OFF, OFF, OFF, EVERY_SECOND))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(schema.strings("SELECT name FROM bida_node"))
                            .containsExactly("tidy"));
            assertThat(relay.isLive()).isTrue();
        }
    }

    @Test
    void ofTwoRelaysOneRunsEachFiring() {
        try (Relay one = started("one", historyAt(EVERY_SECOND));
                Relay two = started("two", historyAt(EVERY_SECOND))) {
            runs.awaitMore("", 1);
            long begin = System.nanoTime();
            int before = runs.of("");
            runs.awaitMore("", 6);
            int after = runs.of("");
            long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds() + 2;

            assertThat((long) after - before).isLessThanOrEqualTo(seconds);
            assertThat(one.isLive() && two.isLive()).isTrue();
        }
    }

    @Test
    void theExpressionOfTheRelayThatStartedLastIsFollowedByAll() {
        try (Relay first = started("first", historyAt(IN_2099))) {
            awaitCron(IN_2099);
            started("second", historyAt(EVERY_SECOND)).close();
            history(1, Duration.ofHours(2));
            await().atMost(Duration.ofSeconds(75)).until(() -> schema.count("bida_outbox_history") == 0);
            assertThat(first.isLive()).isTrue();
            assertThat(cron()).containsExactly(EVERY_SECOND);

            started("third", Housekeeping.NONE).close();
            assertThat(schema.count("BIDA_QRTZ_JOB_DETAILS")).isZero();
        }
    }

    @Test
    void aRowThatAnotherTransactionHoldsIsWaitedForAndKeepsNoRelayFromEnding() throws Exception {
        history(1, Duration.ofHours(2));
        try (Connection stuck = schema.dataSource.getConnection();
                Statement statement = stuck.createStatement()) {
            stuck.setAutoCommit(false);
            statement
                    .executeQuery("SELECT * FROM bida_outbox_history FOR UPDATE")
                    .close();
            Relay blocked = started("blocked", historyAt(EVERY_SECOND));
            await().atMost(PATIENCE).until(() -> fired() > 0);
            long begin = System.nanoTime();
            blocked.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
            try (Relay patient = started("patient", historyAt(EVERY_SECOND))) {
                await().atMost(PATIENCE).until(() -> fired() > 0);
                assertThat(schema.count("bida_outbox_history")).isEqualTo(1);
                stuck.rollback();

                await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 0);
                assertThat(runs.warnings()).isEmpty();
                assertThat(patient.isLive()).isTrue();
            }
        }
    }

    @Test
    void withoutTheTablesOfTheJobsMessagesAreShippedAllTheSame() {
        for (String table : List.of(
                "FIRED_TRIGGERS",
                "PAUSED_TRIGGER_GRPS",
                "SCHEDULER_STATE",
                "LOCKS",
                "SIMPLE_TRIGGERS",
                "SIMPROP_TRIGGERS",
                "CRON_TRIGGERS",
                "BLOB_TRIGGERS",
                "TRIGGERS",
                "JOB_DETAILS",
                "CALENDARS")) {
            schema.jdbi.useHandle(handle -> handle.execute("DROP TABLE BIDA_QRTZ_" + table));
        }
        try (Relay relay = relay(schema.dataSource, "bare", historyAt(EVERY_SECOND))) {
            relay.start();
            await().atMost(PATIENCE).until(() -> runs.warnings().size() == 1);
            schema.insert("t", "shipped", null, null);
            await().atMost(PATIENCE).until(() -> schema.count("bida_outbox") == 0);

            assertThat(runs.warnings().get(0))
                    .contains("bare housekeeping")
                    .contains("messages are shipped, but nothing old is removed")
                    .contains("'./bida migrate' creates them");
            assertThat(relay.isReady()).isTrue();
        }
    }

    @Test
    void aTableOfTheJobsThatComesLaterIsWaitedFor() {
        schema.jdbi.useHandle(handle -> handle.execute("ALTER TABLE BIDA_QRTZ_LOCKS RENAME TO BIDA_QRTZ_AWAY"));
        history(1, Duration.ofHours(2));
        try (Relay relay = relay(schema.dataSource, "early", historyAt(EVERY_SECOND))) {
            relay.start();
            await().atMost(PATIENCE).until(() -> runs.warnings().size() == 1);

            schema.jdbi.useHandle(handle -> handle.execute("ALTER TABLE BIDA_QRTZ_AWAY RENAME TO BIDA_QRTZ_LOCKS"));

            await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 0);
            assertThat(runs.warnings()).hasSize(1);
            assertThat(relay.isLive()).isTrue();
        }
    }

    /** Only a server has a network before it. */
    @Test
    void aDatabaseThatWasAwayIsTidiedAgain() {
        if (store == Store.H2) {
            return;
        }
        URI direct = URI.create(schema.database.url().substring("jdbc:".length()));
        try (FaultyProxy network = FaultyProxy.to(direct.getHost(), direct.getPort());
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(schema.database.url().replace(":" + direct.getPort(), ":" + network.port()));
            pool.setUsername(schema.database.user());
            pool.setPassword(schema.database.password());
            pool.setConnectionTimeout(1_000);
            try (Relay relay = started(pool, "away", historyAt(EVERY_SECOND))) {
                runs.awaitMore("away", 1);
                network.refuse();
                network.cut();
                await().atMost(PATIENCE).until(() -> !relay.isReady());
                history(1, Duration.ofHours(2));
                network.accept();

                await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 0);
                assertThat(relay.isLive()).isTrue();
            }
        }
    }

    /** Only a server takes a process of its own; H2 lives in this one. */
    @Test
    void whenTheRelayThatRunsTheJobsIsKilledAnotherGoesOn(@TempDir Path folder) throws IOException {
        if (store == Store.H2) {
            return;
        }
        Path config = Files.writeString(
                folder.resolve("relay.yaml"),
                "name: killed\n" + ChildRelay.database(schema.database) + """
                transports: { web: { type: killable } }
                routes: [ { topic: "**", to: web } ]
                relay: { lease: 1s, history: 1h }
                housekeeping: { history: "%s", attempts: off, ledger: off, sweep: off }
                """.formatted(EVERY_SECOND));
        try (ChildRelay victim = ChildRelay.start(config, schema.database.password())) {
            history(1, Duration.ofHours(2));
            await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 0);
            try (Relay survivor = started("survivor", historyAt(EVERY_SECOND))) {
                await().atMost(PATIENCE)
                        .until(() -> schema.strings("SELECT INSTANCE_NAME FROM BIDA_QRTZ_FIRED_TRIGGERS")
                                .contains(victim.node()));
                victim.kill();
                history(1, Duration.ofHours(2));

                await().atMost(PATIENCE).until(() -> schema.count("bida_outbox_history") == 0);
                assertThat(survivor.isLive()).isTrue();
            }
        }
    }

    private static Housekeeping historyAt(String cron) {
        return new Housekeeping(cron, OFF, OFF, OFF);
    }

    private Relay relay(DataSource dataSource, String name, Housekeeping housekeeping) {
        return Relay.builder()
                .name(name)
                .dataSource(dataSource)
                .lease(Duration.ofSeconds(1))
                .history(Duration.ofHours(1))
                .housekeeping(housekeeping)
                .sender("web", new RecordingSender())
                .route(new Route("**", "web"))
                .build();
    }

    /** A relay that has written its jobs. */
    private Relay started(String name, Housekeeping housekeeping) {
        return started(schema.dataSource, name, housekeeping);
    }

    private Relay started(DataSource dataSource, String name, Housekeeping housekeeping) {
        int before = schema.count("BIDA_QRTZ_SCHEDULER_STATE");
        Relay relay = relay(dataSource, name, housekeeping);
        relay.start();
        await().atMost(PATIENCE).until(() -> schema.count("BIDA_QRTZ_SCHEDULER_STATE") > before);
        return relay;
    }

    private int fired() {
        return schema.strings("SELECT ENTRY_ID FROM BIDA_QRTZ_FIRED_TRIGGERS WHERE STATE = 'EXECUTING'")
                .size();
    }

    private void awaitCron(String expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(cron()).containsExactly(expected));
    }

    private List<String> cron() {
        return schema.strings("SELECT CRON_EXPRESSION FROM BIDA_QRTZ_CRON_TRIGGERS WHERE TRIGGER_GROUP = 'history'");
    }

    private String ago(Duration age) {
        return dialect.nowPlus(String.valueOf(-age.toNanos() / 1_000));
    }

    private void history(int rows, Duration age) {
        schema.jdbi.useTransaction(handle -> {
            PreparedBatch batch = handle.prepareBatch(
                    "INSERT INTO bida_outbox_history (message_id, scene, biz_id, topic, created_at, delivered_at,"
                            + " attempts, node) VALUES (" + id() + ", 's', :bizId, 't', " + ago(age) + ", " + ago(age)
                            + ", 1, 'n')");
            for (int i = 0; i < rows; i++) {
                batch.bind("bizId", "biz-" + i).add();
            }
            batch.execute();
        });
    }

    private void attempt(String error, Duration age) {
        schema.jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO bida_attempt (message_id, attempt, at, node, outcome, duration_ms, error) VALUES (" + id()
                        + ", 1, " + ago(age) + ", 'n', 'FAILED', 1, '" + error + "')"));
    }

    private void ledger(String outcome, Duration expiredFor) {
        schema.jdbi.useHandle(handle -> handle.createUpdate(
                        "INSERT INTO bida_inbox (consumer_group, scene, biz_id, message_id, payload_hash, handled_at,"
                                + " expires_at, outcome) VALUES (:text, :text, :text, " + id() + ", :hash, "
                                + ago(Duration.ofDays(30)) + ", " + ago(expiredFor) + ", '" + outcome + "')")
                .bind("text", dialect.identity(outcome))
                .bind("hash", new byte[16])
                .execute());
    }

    private void conflict(String bizId, Duration expiredFor) {
        schema.jdbi.useHandle(handle -> handle.createUpdate(
                        "INSERT INTO bida_inbox_conflict (consumer_group, scene, biz_id, payload_hash, handled_hash,"
                                + " message_id, noted_at, expires_at) VALUES (:text, :text, :text, :hash, :hash, "
                                + id()
                                + ", " + ago(Duration.ofDays(30)) + ", " + ago(expiredFor) + ")")
                .bind("text", dialect.identity(bizId))
                .bind("hash", new byte[16])
                .execute());
    }

    private void version(int version, Duration expiredFor) {
        schema.jdbi.useHandle(handle -> handle.createUpdate(
                        "INSERT INTO bida_inbox_version (consumer_group, entity, version, handled_at, expires_at) VALUES"
                                + " (:text, :text, " + version + ", " + ago(Duration.ofDays(30)) + ", "
                                + ago(expiredFor)
                                + ")")
                .bind("text", dialect.identity("entity-" + version))
                .execute());
    }

    /** Of a shard that no relay of these tests ships. */
    private void parked(String state, String bizId, Duration age) {
        schema.jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO bida_outbox_parked (seq, message_id, topic, type, biz_id, ordering_key, content_type,"
                        + " payload, created_at, due_at, state, attempts, parked_at) VALUES (1, " + id()
                        + ", 't', 'T', '" + bizId + "', 'key', 'x/y', "
                        + (dialect.name().equals("postgresql") ? "'\\x01'" : "X'01'") + ", " + ago(age) + ", "
                        + ago(Duration.ofDays(-1)) + ", '" + state + "', 1, " + ago(age) + ")"));
    }

    private String id() {
        return dialect.literal(new MessageId(UUID.randomUUID()));
    }

    /** The runs of jobs, as their relays tell them at level DEBUG, and what is warned of. */
    private static final class Runs extends AppenderBase<ILoggingEvent> {

        private final Logger logger = (Logger) LoggerFactory.getLogger("io.bida.relay");
        private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

        void begin() {
            start();
            ((Logger) LoggerFactory.getLogger("io.bida.relay.HousekeepingJob")).setLevel(Level.DEBUG);
            logger.addAppender(this);
        }

        void end() {
            logger.detachAppender(this);
        }

        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }

        int of(String relay) {
            return (int) events.stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(text -> text.startsWith(relay) && text.contains("rows deleted"))
                    .count();
        }

        void awaitMore(String relay, int more) {
            int enough = of(relay) + more;
            await().atMost(PATIENCE).until(() -> of(relay) >= enough);
        }

        List<String> warnings() {
            return events.stream()
                    .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(text -> text.contains("housekeeping"))
                    .toList();
        }
    }
}
