package io.bida.compatibility;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.inbox.InboxCounts;
import io.bida.inbox.OutcomeHandler;
import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.transport.Answer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the inbox promises on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class InboxContractTest {

    private static final Handler EFFECT =
            (tx, m) -> tx.execute("INSERT INTO effect (name) VALUES (?)", m.id().toString());

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Store store;
    private final Schema schema;
    private final DataSource database;
    private final Jdbi jdbi;
    private final Inbox inbox;

    InboxContractTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        database = schema.dataSource;
        jdbi = schema.jdbi;
        jdbi.useHandle(tx -> {
            tx.execute("CREATE TABLE effect (name VARCHAR(100) NOT NULL)");
            tx.execute("CREATE TABLE account (id INT NOT NULL PRIMARY KEY, points INT NOT NULL)");
            tx.execute("INSERT INTO account (id, points) VALUES (1, 0), (2, 0)");
        });
        inbox = Inbox.forGroup("points").on(database).build();
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
        schema.close();
    }

    @Test
    void aFirstMessageIsHandledAndRegistered() {
        assertThat(inbox.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Handled());

        assertThat(effects()).isEqualTo(1);
        assertThat(registered()).isEqualTo(1);
    }

    @Test
    void aMessageDeliveredAgainIsADuplicateWithoutEffect() {
        Message message = message("order-1");
        inbox.handle(message, EFFECT);

        assertThat(inbox.handle(message, EFFECT)).isEqualTo(new Answer.Duplicate());
        assertThat(inbox.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Duplicate());

        assertThat(effects()).isEqualTo(1);
        assertThat(inbox.counts()).isEqualTo(new InboxCounts(1, 2, 0, 0, 0));
    }

    @Test
    void oneBizIdWithTwoPayloadsIsAConflictThatNamesBothHashes() {
        Message first = message("order-1");
        Message second = message("order-1", "another payload");
        inbox.handle(first, EFFECT);

        Answer answer = inbox.handle(second, EFFECT);

        assertThat(answer).isInstanceOf(Answer.Conflict.class);
        assertThat(((Answer.Conflict) answer).reason())
                .contains(hex(first), hex(second), "points", "order-paid", "order-1");
        assertThat(effects()).isEqualTo(1);
        assertThat(inbox.counts().conflicts()).isEqualTo(1);
    }

    @Test
    void idsThatDifferInCaseOrAccentOrTrailingSpaceAreDifferentMessages() {
        List<String> ids = List.of("a", "A", "\u00e1", "a\u0301", "a ", "a  ", " a", "\u00df", "ss", "1", "01");

        for (String id : ids) {
            assertThat(inbox.handle(message(id, "one payload"), EFFECT))
                    .as("'%s'", id)
                    .isEqualTo(new Answer.Handled());
        }

        assertThat(effects()).isEqualTo(ids.size());
    }

    @Test
    void theLongestIdsFitAndAreToldApartByTheirLastCharacter() {
        String wide = "\u4e2d";
        Inbox longest = Inbox.forGroup(wide.repeat(64)).on(database).build();
        String type = wide.repeat(199);
        String id = wide.repeat(127);

        for (String end : List.of("a", "b")) {
            Message m = Message.to("orders")
                    .type(type + end)
                    .bizId(id + end)
                    .payload("{}")
                    .build();
            Message n = Message.to("orders")
                    .type(type + end)
                    .bizId(id + "c")
                    .payload("{}")
                    .build();
            assertThat(longest.handle(m, EFFECT)).isEqualTo(new Answer.Handled());
            assertThat(longest.handle(n, EFFECT)).isEqualTo(new Answer.Handled());
            assertThat(longest.handle(m, EFFECT)).isEqualTo(new Answer.Duplicate());
        }

        assertThat(effects()).isEqualTo(4);
    }

    @Test
    void eachGroupAndEachSceneHandlesTheMessageOnce() {
        Inbox other = Inbox.forGroup("Points").on(database).build();
        Message otherScene = Message.to("orders")
                .type("OrderPaid")
                .scene("order-Paid")
                .bizId("order-1")
                .payload("{}")
                .build();

        assertThat(inbox.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Handled());
        assertThat(other.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Handled());
        assertThat(inbox.handle(otherScene, EFFECT)).isEqualTo(new Answer.Handled());

        assertThat(registered()).isEqualTo(3);
    }

    @Test
    void aHandlerThatFailsLeavesNothingAndTheMessageIsHandledTheNextTime() {
        Answer answer = inbox.handle(message("order-1"), (tx, m) -> {
            EFFECT.handle(tx, m);
            throw new IllegalStateException("no such account");
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(((Answer.Retry) answer).reason()).contains("java.lang.IllegalStateException: no such account");
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();
        assertThat(inbox.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Handled());
    }

    @Test
    void anErrorOfTheHandlersOwnSqlIsARetryAndNotADuplicate() {
        Answer answer = inbox.handle(
                message("order-1"), (tx, m) -> tx.execute("INSERT INTO account (id, points) VALUES (1, 0)"));

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(registered()).isZero();
    }

    @Test
    void aHandlerThatRefusesLeavesNothingAndTheMessageIsRejected() {
        Answer answer = inbox.handle(message("order-1"), (tx, m) -> {
            EFFECT.handle(tx, m);
            throw new RefusedException("Order 1 was never placed.");
        });

        assertThat(answer).isEqualTo(new Answer.Rejected("Order 1 was never placed."));
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();
    }

    @Test
    void aHandlerMayUseThePlainConnection() {
        Answer answer = inbox.handle(message("order-1"), (tx, m) -> {
            try (var insert = tx.getConnection().prepareStatement("INSERT INTO effect (name) VALUES (?)")) {
                insert.setString(1, m.bizId().value());
                insert.executeUpdate();
            }
        });

        assertThat(answer).isEqualTo(new Answer.Handled());
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void whatTheHandlerSaidIsAnsweredToEachDuplicate() throws Exception {
        String longest = "\u4e2d".repeat(999) + "\ud83d\ude00";
        OutcomeHandler telling = (tx, m) -> {
            EFFECT.handle(tx, m);
            return m.bizId().value().equals("silent") ? null : longest;
        };

        assertThat(inbox.handle(message("order-1"), telling)).isEqualTo(new Answer.Handled(longest));
        assertThat(inbox.handle(message("order-1"), telling)).isEqualTo(new Answer.Duplicate(longest));
        assertThat(inbox.handle(message("silent"), telling)).isEqualTo(new Answer.Handled());
        try (Connection tx = begun()) {
            assertThat(inbox.handle(tx, message("order-2"), telling)).isEqualTo(new Answer.Handled(longest));
            assertThat(inbox.handle(tx, message("order-2"), telling)).isEqualTo(new Answer.Duplicate(longest));
            tx.commit();
        }
        assertThat(inbox.handle(message("order-2"), EFFECT)).isEqualTo(new Answer.Duplicate(longest));
        assertThat(effects()).isEqualTo(3);
    }

    @Test
    void anOutcomeThatWouldNotBeKeptExactlyIsAFailureOfTheHandler() {
        for (String outcome : List.of("x".repeat(1_001), "nu\0ll", "half \ud83d")) {
            OutcomeHandler telling = (tx, m) -> {
                EFFECT.handle(tx, m);
                return outcome;
            };

            Answer answer = inbox.handle(message("order-1"), telling);

            assertThat(answer).isInstanceOf(Answer.Retry.class);
            assertThat(((Answer.Retry) answer).reason()).contains("The handler's outcome");
        }
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();
    }

    @Test
    void aConcurrentDuplicateWaitsForTheFirstAndIsThenADuplicate() throws Exception {
        Held first = new Held(EFFECT);
        Future<Answer> firstAnswer = threads.submit(() -> inbox.handle(message("order-1"), first));
        first.awaitRunning();
        Future<Answer> secondAnswer = threads.submit(() -> inbox.handle(message("order-1"), EFFECT));
        assertThatThrownBy(() -> secondAnswer.get(300, MILLISECONDS)).isInstanceOf(TimeoutException.class);

        first.letGo();

        assertThat(firstAnswer.get(30, SECONDS)).isEqualTo(new Answer.Handled());
        assertThat(secondAnswer.get(30, SECONDS)).isEqualTo(new Answer.Duplicate());
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void concurrentDuplicatesOfAFirstThatRolledBackAreHandledOnce() throws Exception {
        Held first = new Held((tx, m) -> {
            EFFECT.handle(tx, m);
            throw new IllegalStateException("the first fails");
        });
        Future<Answer> firstAnswer = threads.submit(() -> inbox.handle(message("order-1"), first));
        first.awaitRunning();
        List<Future<Answer>> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(threads.submit(() -> inbox.handle(message("order-1"), EFFECT)));
        }
        assertThatThrownBy(() -> others.get(0).get(300, MILLISECONDS)).isInstanceOf(TimeoutException.class);

        first.letGo();

        assertThat(firstAnswer.get(30, SECONDS)).isInstanceOf(Answer.Retry.class);
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> other : others) {
            answers.add(other.get(30, SECONDS));
        }
        assertThat(answers)
                .containsExactlyInAnyOrder(
                        new Answer.Handled(), new Answer.Duplicate(), new Answer.Duplicate(), new Answer.Duplicate());
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void handlersThatDeadlockAreRepeatedAndBothHandled() throws Exception {
        assertThat(crossing(false)).containsExactlyInAnyOrder(new Answer.Handled(), new Answer.Handled());

        assertThat(points()).containsExactly(2, 2);
        assertThat(effects()).isEqualTo(2);
        assertThat(registered()).isEqualTo(2);
    }

    @Test
    void aHandlerThatRollsBackAndSaysNothingHasNotHandledTheMessage() {
        Answer answer = inbox.handle(message("order-1"), (tx, m) -> {
            EFFECT.handle(tx, m);
            tx.getConnection().rollback();
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();
    }

    @Test
    void aProcedureThatRollsBackAndSaysNothingHasNotHandledTheMessage() {
        String giveUp = store == Store.H2 ? "ROLLBACK" : "CALL give_up()";
        if (store != Store.H2) {
            String body = "BEGIN ROLLBACK; END";
            jdbi.useHandle(tx -> tx.execute("CREATE PROCEDURE give_up() "
                    + (store == Store.POSTGRESQL ? "LANGUAGE plpgsql AS '" + body + "'" : body)));
        }

        Answer answer = inbox.handle(message("order-1"), (tx, m) -> {
            EFFECT.handle(tx, m);
            tx.execute(giveUp);
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();
    }

    @Test
    void aHandlerThatSwallowsADeadlockNeverCommitsHalfOfItsWork() throws Exception {
        assertThat(crossing(true)).containsExactlyInAnyOrder(new Answer.Handled(), new Answer.Handled());

        assertThat(points()).containsExactly(2, 2);
        assertThat(effects()).isEqualTo(2);
        assertThat(registered()).isEqualTo(2);
    }

    @Test
    void manyDeliveriesOfManyMessagesAtOnceHaveOneEffectEach() throws Exception {
        List<Future<?>> deliveries = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            deliveries.add(threads.submit(() -> {
                for (int i = 0; i < 25; i++) {
                    Message message = message("order-" + i);
                    while (inbox.handle(message, EFFECT) instanceof Answer.Retry) {
                        // delivered again
                    }
                }
            }));
        }
        for (Future<?> delivery : deliveries) {
            delivery.get(60, SECONDS);
        }

        assertThat(effects()).isEqualTo(25);
        assertThat(registered()).isEqualTo(25);
    }

    @Test
    void inTheCallersTransactionEffectAndEntryFollowTheCaller() throws Exception {
        Message message = message("order-1");
        try (Connection tx = begun()) {
            assertThat(inbox.handle(tx, message, EFFECT)).isEqualTo(new Answer.Handled());
            assertThat(tx.getAutoCommit()).isFalse();
            tx.rollback();
        }
        assertThat(effects()).isZero();
        assertThat(registered()).isZero();

        jdbi.useTransaction(tx -> assertThat(inbox.handle(tx, message, EFFECT)).isEqualTo(new Answer.Handled()));
        assertThat(effects()).isEqualTo(1);
        assertThat(inbox.handle(message, EFFECT)).isEqualTo(new Answer.Duplicate());
    }

    @Test
    void inTheCallersTransactionADuplicateAndAConflictLeaveItUsable() throws Exception {
        inbox.handle(message("order-1"), EFFECT);
        try (Connection tx = begun()) {
            write(tx);
            assertThat(inbox.handle(tx, message("order-1"), EFFECT)).isEqualTo(new Answer.Duplicate());
            write(tx);
            assertThat(inbox.handle(tx, message("order-1", "other"), EFFECT)).isInstanceOf(Answer.Conflict.class);
            assertThat(inbox.handle(tx, message("order-2"), EFFECT)).isEqualTo(new Answer.Handled());
            tx.commit();
        }

        assertThat(effects()).isEqualTo(4);
    }

    @Test
    void inTheCallersTransactionAHandlerThatFailsTakesBackItsOwnWorkOnly() throws Exception {
        try (Connection tx = begun()) {
            write(tx);
            Answer answer = inbox.handle(tx, message("order-1"), (handle, m) -> {
                EFFECT.handle(handle, m);
                handle.execute("INSERT INTO account (id, points) VALUES (1, 0)");
            });
            assertThat(answer).isInstanceOf(Answer.Retry.class);
            write(tx);
            tx.commit();
        }

        assertThat(effects()).isEqualTo(2);
        assertThat(registered()).isZero();
    }

    @Test
    void aCallersSnapshotOlderThanTheFirstCommitDoesNotHandleTwice() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Connection tx = database.getConnection()) {
            tx.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            tx.setAutoCommit(false);
            try (var read = tx.createStatement().executeQuery("SELECT COUNT(*) FROM bida_inbox")) {
                assertThat(read.next()).isTrue();
            }
            inbox.handle(message("order-1"), EFFECT);

            Answer answer = inbox.handle(tx, message("order-1"), (handle, m) -> calls.incrementAndGet());

            assertThat(answer).isInstanceOfAny(Answer.Duplicate.class, Answer.Retry.class);
            tx.commit();
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void aConnectionInAutoCommitIsRefused() throws Exception {
        try (Connection connection = database.getConnection()) {
            assertThatThrownBy(() -> inbox.handle(connection, message("order-1"), EFFECT))
                    .isInstanceOf(BidaException.class)
                    .hasMessageContaining("auto-commit");
        }
        assertThat(registered()).isZero();
    }

    @Test
    void aConnectionIsHandedBackAsItWas() throws Exception {
        try (Connection connection = database.getConnection()) {
            int isolation = connection.getTransactionIsolation();
            Inbox onOne = Inbox.forGroup("points")
                    .on(Jdbi.create(new org.jdbi.v3.core.ConnectionFactory() {
                        @Override
                        public Connection openConnection() {
                            return connection;
                        }

                        @Override
                        public void closeConnection(Connection ignored) {}
                    }))
                    .build();
            onOne.handle(message("order-1"), EFFECT);
            onOne.handle(message("order-1"), EFFECT);
            onOne.handle(message("order-2"), (tx, m) -> {
                throw new IllegalStateException("fails");
            });

            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
            onOne.handle(message("order-3"), (tx, m) -> {
                throw new RefusedException("never");
            });
            assertThat(connection.getAutoCommit()).isTrue();
        }
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void aPoolThatSwitchesAutoCommitOffIsFine() {
        Inbox overPool = Inbox.forGroup("points")
                .on(Jdbi.create(() -> {
                    Connection connection = database.getConnection();
                    connection.setAutoCommit(false);
                    return connection;
                }))
                .build();

        assertThat(overPool.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Handled());
        assertThat(overPool.handle(message("order-1"), EFFECT)).isEqualTo(new Answer.Duplicate());
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void anEntryIsKeptForTheRetentionByTheDatabasesClock() {
        Inbox.forGroup("points")
                .on(database)
                .retention(Duration.ofDays(2))
                .build()
                .handle(message("order-1"), EFFECT);

        long seconds = jdbi.withHandle(tx -> tx.createQuery("SELECT handled_at, expires_at FROM bida_inbox")
                .map((row, context) -> Duration.between(
                                row.getTimestamp(1).toInstant(),
                                row.getTimestamp(2).toInstant())
                        .toSeconds())
                .one());

        // Local time zones with a change of the clock in these days would be off by an hour.
        assertThat(seconds).isBetween(2 * 86_400L - 3_700, 2 * 86_400L + 3_700);
    }

    /** Two handlers that lock two rows in opposite order, both holding one before either asks for the other. */
    private List<Answer> crossing(boolean swallow) throws Exception {
        CountDownLatch bothHoldOne = new CountDownLatch(2);
        List<Future<Answer>> answers = new ArrayList<>();
        for (int first = 1; first <= 2; first++) {
            int mine = first;
            Message message = message("order-" + first);
            answers.add(threads.submit(() -> inbox.handle(message, (tx, m) -> {
                addPoint(tx, mine);
                bothHoldOne.countDown();
                assertThat(bothHoldOne.await(30, SECONDS)).isTrue();
                try {
                    addPoint(tx, 3 - mine);
                } catch (RuntimeException e) {
                    if (!swallow) {
                        throw e;
                    }
                }
                tryEffect(tx, m, swallow);
            })));
        }
        return List.of(answers.get(0).get(60, SECONDS), answers.get(1).get(60, SECONDS));
    }

    private static void tryEffect(Handle tx, Message m, boolean swallow) throws Exception {
        try {
            EFFECT.handle(tx, m);
        } catch (RuntimeException e) {
            if (!swallow) {
                throw e;
            }
        }
    }

    private static void addPoint(Handle tx, int account) {
        tx.execute("UPDATE account SET points = points + 1 WHERE id = ?", account);
    }

    private Connection begun() throws SQLException {
        Connection connection = database.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private static void write(Connection tx) throws SQLException {
        try (var statement = tx.createStatement()) {
            statement.executeUpdate("INSERT INTO effect (name) VALUES ('the caller')");
        }
    }

    private static Message message(String bizId) {
        return message(bizId, "{}");
    }

    private static Message message(String bizId, String payload) {
        return Message.to("orders")
                .type("OrderPaid")
                .scene("order-paid")
                .bizId(bizId)
                .payload(payload)
                .build();
    }

    private static String hex(Message message) {
        return HexFormat.of().formatHex(message.payload().hash());
    }

    private int effects() {
        return count("effect");
    }

    private int registered() {
        return count("bida_inbox");
    }

    private int count(String table) {
        return jdbi.withHandle(tx ->
                tx.createQuery("SELECT COUNT(*) FROM " + table).mapTo(int.class).one());
    }

    private List<Integer> points() {
        return jdbi.withHandle(tx -> tx.createQuery("SELECT points FROM account ORDER BY id")
                .mapTo(int.class)
                .list());
    }

    /** A handler that says when it runs and goes on when it may. */
    private static final class Held implements Handler {

        private final CountDownLatch running = new CountDownLatch(1);
        private final CountDownLatch mayGo = new CountDownLatch(1);
        private final Handler then;

        Held(Handler then) {
            this.then = then;
        }

        @Override
        public void handle(Handle tx, Message message) throws Exception {
            running.countDown();
            assertThat(mayGo.await(30, SECONDS)).isTrue();
            then.handle(tx, message);
        }

        void awaitRunning() throws InterruptedException {
            assertThat(running.await(30, SECONDS)).isTrue();
        }

        void letGo() {
            mayGo.countDown();
        }
    }
}
