package io.bida.compatibility;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.inbox.BatchHandler;
import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.inbox.InboxCounts;
import io.bida.inbox.OutcomeHandler;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.transport.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the inbox promises of batches on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class InboxBatchContractTest {

    private static final Answer HANDLED = new Answer.Handled();
    private static final Answer DUPLICATE = new Answer.Duplicate();
    private static final Handler EFFECT = (tx, m) -> effect(tx, m);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Store store;
    private final Schema schema;
    private final Jdbi jdbi;
    private final Inbox inbox;

    InboxBatchContractTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        jdbi = schema.jdbi;
        jdbi.useHandle(tx -> {
            tx.execute("CREATE TABLE effect (name VARCHAR(100) NOT NULL)");
            tx.execute("CREATE TABLE account (id INT NOT NULL PRIMARY KEY, points INT NOT NULL)");
            tx.execute("INSERT INTO account (id, points) VALUES (1, 0), (2, 0)");
        });
        inbox = Inbox.forGroup("points").on(jdbi).build();
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
        schema.close();
    }

    @Test
    void aBatchIsOneTransactionWithOneReadAndOneCheckAndIsHandledInItsOrder() {
        Seen seen = new Seen();
        jdbi.setSqlLogger(seen);
        List<String> order = Collections.synchronizedList(new ArrayList<>());

        List<Answer> answers = inbox.handleAll(messages("b", "a", "d", "c"), (tx, m) -> {
            order.add(m.bizId().value());
            assertThat(schema.count("bida_inbox")).isZero();
        });

        assertThat(answers).containsExactly(HANDLED, HANDLED, HANDLED, HANDLED);
        assertThat(order).containsExactly("b", "a", "d", "c");
        assertThat(seen.statements)
                .filteredOn(sql -> sql.contains("bida_inbox"))
                .hasSize(2 + 4);
        assertThat(schema.count("bida_inbox")).isEqualTo(4);
        assertThat(inbox.counts()).isEqualTo(new InboxCounts(4, 0, 0, 0, 0));
    }

    @Test
    void whatWasHandledBeforeOrEarlierInTheBatchIsADuplicateOrAConflict() {
        inbox.handle(message("old"), EFFECT);

        List<Answer> answers = inbox.handleAll(
                List.of(
                        message("old"),
                        message("new"),
                        message("new"),
                        message("new", "another payload"),
                        message("old", "another payload"),
                        message("last")),
                EFFECT);

        assertThat(answers.subList(0, 3)).containsExactly(DUPLICATE, HANDLED, DUPLICATE);
        assertThat(answers.subList(3, 5)).hasOnlyElementsOfType(Answer.Conflict.class);
        assertThat(answers.get(5)).isEqualTo(HANDLED);
        assertThat(effects()).containsExactly("last", "new", "old");
        assertThat(inbox.counts()).isEqualTo(new InboxCounts(3, 2, 2, 0, 0));
        assertThat(inbox.handleAll(messages("old", "new", "last"), EFFECT))
                .containsExactly(DUPLICATE, DUPLICATE, DUPLICATE);
    }

    @Test
    void idsOfManyScenesThatDifferInCaseOrAccentOrTrailingSpaceAreDifferentMessages() {
        List<Message> messages = new ArrayList<>();
        for (String scene : List.of("paid", "Paid", "\u00e1")) {
            for (String id :
                    List.of("a", "A", "\u00e1", "a\u0301", "a ", " a", "\u00df", "ss", "\ud83d\ude00", "\uffee")) {
                messages.add(Message.to("orders")
                        .type("OrderPaid")
                        .scene(scene)
                        .bizId(id)
                        .payload("{}")
                        .build());
            }
        }

        assertThat(inbox.handleAll(messages, EFFECT)).containsOnly(HANDLED).hasSize(30);
        assertThat(inbox.handleAll(messages, EFFECT)).containsOnly(DUPLICATE).hasSize(30);
        assertThat(schema.count("bida_inbox")).isEqualTo(30);
    }

    @Test
    void whatTheHandlerSaidIsAnsweredToEachDuplicate() {
        OutcomeHandler telling = (tx, m) ->
                m.bizId().value().equals("silent") ? null : "for " + m.bizId().value();

        assertThat(inbox.handleAll(messages("a", "silent", "b", "a"), telling))
                .containsExactly(
                        new Answer.Handled("for a"),
                        HANDLED,
                        new Answer.Handled("for b"),
                        new Answer.Duplicate("for a"));
        assertThat(inbox.handleAll(messages("b", "silent"), EFFECT))
                .containsExactly(new Answer.Duplicate("for b"), DUPLICATE);
    }

    @Test
    void anOutcomeThatWouldNotBeKeptExactlyTakesNoOtherDown() {
        OutcomeHandler telling = (tx, m) -> m.bizId().value().repeat(501);

        List<Answer> answers = inbox.handleAll(messages("a", "bb", "c"), telling);

        assertThat(answers.get(1)).isInstanceOf(Answer.Retry.class);
        assertThat(inbox.counts()).isEqualTo(new InboxCounts(2, 0, 0, 0, 1));
    }

    @Test
    void moreThanAStatementTakesIsOneTransactionAllTheSame() {
        List<Message> messages =
                IntStream.range(0, 1_201).mapToObj(i -> message("order-" + i)).toList();
        BatchHandler all = (tx, fresh) -> assertThat(fresh).hasSize(1_201);

        assertThat(inbox.handleAll(messages, all)).containsOnly(HANDLED).hasSize(1_201);
        assertThat(inbox.handleAll(messages, all)).containsOnly(DUPLICATE).hasSize(1_201);
    }

    @Test
    void oneThatFailsOrIsRefusedTakesNoOtherDown() {
        List<Answer> answers = inbox.handleAll(messages("a", "fails", "b", "refused", "c"), (tx, m) -> {
            effect(tx, m);
            if (m.bizId().value().equals("fails")) {
                throw new IllegalStateException("no such account");
            }
            if (m.bizId().value().equals("refused")) {
                throw new RefusedException("It was never placed.");
            }
        });

        assertThat(answers.get(1)).isInstanceOf(Answer.Retry.class);
        assertThat(answers.get(3)).isEqualTo(new Answer.Rejected("It was never placed."));
        assertThat(List.of(answers.get(0), answers.get(2), answers.get(4))).containsOnly(HANDLED);
        assertThat(effects()).containsExactly("a", "b", "c");
        assertThat(schema.count("bida_inbox")).isEqualTo(3);
        assertThat(inbox.counts()).isEqualTo(new InboxCounts(3, 0, 0, 1, 1));
    }

    @Test
    void noneOvertakesAMessageOfItsKeyThatFailed() {
        List<Message> messages = List.of(keyed("1", "k"), keyed("2", "k"), keyed("3", "other"), message("4"));

        List<Answer> answers = inbox.handleAll(messages, (tx, m) -> {
            if (m.bizId().value().equals("1")) {
                throw new IllegalStateException("no such account");
            }
            effect(tx, m);
        });

        assertThat(answers.subList(0, 2)).hasOnlyElementsOfType(Answer.Retry.class);
        assertThat(answers.subList(2, 4)).containsOnly(HANDLED);
        assertThat(effects()).containsExactly("3", "4");
        assertThat(inbox.handleAll(messages, EFFECT)).containsExactly(HANDLED, HANDLED, DUPLICATE, DUPLICATE);
    }

    @Test
    void aBatchHandlerGetsTheNewOnesTogetherAndAfterAFailureOneByOne() {
        inbox.handle(message("old"), EFFECT);
        List<Integer> sizes = new ArrayList<>();
        BatchHandler inBulk = (tx, fresh) -> {
            sizes.add(fresh.size());
            for (Message m : fresh) {
                effect(tx, m);
            }
            if (fresh.stream().anyMatch(m -> m.bizId().value().equals("fails"))) {
                throw new IllegalStateException("no such account");
            }
        };

        assertThat(inbox.handleAll(messages("a", "old", "b"), inBulk)).containsExactly(HANDLED, DUPLICATE, HANDLED);
        List<Answer> answers = inbox.handleAll(messages("c", "fails", "d", "old"), inBulk);

        assertThat(answers.get(1)).isInstanceOf(Answer.Retry.class);
        assertThat(List.of(answers.get(0), answers.get(2), answers.get(3)))
                .containsExactly(HANDLED, HANDLED, DUPLICATE);
        assertThat(sizes).containsExactly(2, 3, 1, 1, 1);
        assertThat(effects()).containsExactly("a", "b", "c", "d", "old");
    }

    @Test
    void aBatchHandlerIsNotCalledForNothing() {
        inbox.handle(message("old"), EFFECT);
        BatchHandler never = (tx, fresh) -> {
            throw new AssertionError(fresh.toString());
        };

        assertThat(inbox.handleAll(messages("old", "old"), never)).containsExactly(DUPLICATE, DUPLICATE);
        assertThat(inbox.handleAll(List.of(), never)).isEmpty();
    }

    @Test
    void aBatchWaitsForWhoHandlesOneOfItsMessagesAndFindsItHandled() throws Exception {
        Gate gate = new Gate();
        Future<Answer> first = threads.submit(() -> inbox.handle(message("b"), gate.then(EFFECT)));
        gate.awaitReached();
        Future<List<Answer>> batch = threads.submit(() -> inbox.handleAll(messages("a", "b", "c"), EFFECT));
        assertThatThrownBy(() -> batch.get(300, MILLISECONDS)).isInstanceOf(TimeoutException.class);

        gate.open();

        assertThat(first.get(30, SECONDS)).isEqualTo(HANDLED);
        assertThat(batch.get(30, SECONDS)).containsExactly(HANDLED, DUPLICATE, HANDLED);
        assertThat(effects()).containsExactly("a", "b", "c");
    }

    @Test
    void aBatchThatWaitedForOneWhoRolledBackHandlesAll() throws Exception {
        Gate gate = new Gate();
        Future<Answer> first = threads.submit(() -> inbox.handle(message("b"), gate.then((tx, m) -> {
            throw new IllegalStateException("the first fails");
        })));
        gate.awaitReached();
        Future<List<Answer>> batch = threads.submit(() -> inbox.handleAll(messages("a", "b", "c"), EFFECT));
        assertThatThrownBy(() -> batch.get(300, MILLISECONDS)).isInstanceOf(TimeoutException.class);

        gate.open();

        assertThat(first.get(30, SECONDS)).isInstanceOf(Answer.Retry.class);
        assertThat(batch.get(30, SECONDS)).containsExactly(HANDLED, HANDLED, HANDLED);
        assertThat(effects()).containsExactly("a", "b", "c");
    }

    @Test
    void batchesOfTheSameMessagesInOppositeOrderHandleEachOnce() throws Exception {
        List<Future<?>> consumers = new ArrayList<>();
        for (int consumer = 0; consumer < 4; consumer++) {
            boolean backwards = consumer % 2 == 1;
            consumers.add(threads.submit(() -> {
                for (int batch = 0; batch < 5; batch++) {
                    List<Message> messages = overlapping(batch, backwards);
                    while (inbox.handleAll(messages, EFFECT).stream().anyMatch(a -> a instanceof Answer.Retry)) {
                        // delivered again
                    }
                }
            }));
        }
        for (Future<?> consumer : consumers) {
            consumer.get(90, SECONDS);
        }

        assertThat(effects()).hasSize(60).doesNotHaveDuplicates();
        assertThat(schema.count("bida_inbox")).isEqualTo(60);
        assertThat(inbox.counts().handled()).isEqualTo(60);
    }

    @Test
    void batchesWhoseHandlersDeadlockAreHandledOneByOne() throws Exception {
        CountDownLatch bothHoldOne = new CountDownLatch(2);
        List<Future<List<Answer>>> batches = new ArrayList<>();
        for (int account = 1; account <= 2; account++) {
            int first = account;
            List<Message> messages = messages(account + "-first", account + "-second");
            batches.add(threads.submit(() -> inbox.handleAll(messages, (tx, m) -> {
                boolean mine = m.bizId().value().endsWith("-first");
                tx.execute("UPDATE account SET points = points + 1 WHERE id = ?", mine ? first : 3 - first);
                bothHoldOne.countDown();
                assertThat(bothHoldOne.await(30, SECONDS)).isTrue();
            })));
        }

        for (Future<List<Answer>> batch : batches) {
            assertThat(batch.get(60, SECONDS)).containsExactly(HANDLED, HANDLED);
        }
        assertThat(schema.strings("SELECT points FROM account ORDER BY id")).containsExactly("2", "2");
    }

    @Test
    void aHandlerThatSwallowsTheErrorOfAStatementNeverCommitsHalfOfTheBatch() {
        AtomicBoolean swallowed = new AtomicBoolean();

        List<Answer> answers = inbox.handleAll(messages("a", "b"), (tx, m) -> {
            effect(tx, m);
            if (m.bizId().value().equals("a") && swallowed.compareAndSet(false, true)) {
                try {
                    tx.execute("INSERT INTO account (id, points) VALUES (1, 0)");
                } catch (RuntimeException e) {
                    if (store == Store.POSTGRESQL) {
                        return; // The transaction is lost, and the next statement or the commit will tell.
                    }
                }
            }
        });

        assertThat(answers).containsExactly(HANDLED, HANDLED);
        assertThat(effects()).containsExactly("a", "b");
        assertThat(schema.count("bida_inbox")).isEqualTo(2);
    }

    /** By the plan, for a scan of a small table is as fast, until the day it is not. */
    @Test
    void theReadOfABatchKeepsToThePrimaryKeyHoweverSmallTheTable() {
        if (store == Store.POSTGRESQL || store == Store.H2) {
            return; // Reading past what others write costs nothing there.
        }
        inbox.handle(message("old"), EFFECT);
        Seen seen = new Seen();
        jdbi.setSqlLogger(seen);
        inbox.handleAll(messages("a", "b", "c"), EFFECT);
        String read = seen.statements.stream()
                .filter(sql -> sql.startsWith("SELECT"))
                .findFirst()
                .orElseThrow();

        String plan = jdbi.withHandle(tx -> {
            var explain = tx.createQuery("EXPLAIN " + read);
            for (int i = 0; i < read.chars().filter(c -> c == '?').count(); i++) {
                explain.bind(i, ("v" + i).getBytes(StandardCharsets.UTF_8));
            }
            return explain.mapToMap().one().toString();
        });

        assertThat(plan).contains("type=range", "key=PRIMARY");
    }

    /** Three batches' worth of ids, each batch sharing a half with the next. */
    private static List<Message> overlapping(int batch, boolean backwards) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            messages.add(message("order-" + (batch * 10 + i)));
        }
        if (backwards) {
            Collections.reverse(messages);
        }
        return messages;
    }

    private static void effect(Handle tx, Message m) {
        tx.execute("INSERT INTO effect (name) VALUES (?)", m.bizId().value());
    }

    private static List<Message> messages(String... bizIds) {
        return List.of(bizIds).stream().map(InboxBatchContractTest::message).toList();
    }

    private static Message message(String bizId) {
        return message(bizId, "{}");
    }

    private static Message message(String bizId, String payload) {
        return message(bizId, payload, null);
    }

    private static Message keyed(String bizId, String key) {
        return message(bizId, "{}", key);
    }

    private static Message message(String bizId, String payload, @Nullable String key) {
        return Message.to("orders")
                .type("OrderPaid")
                .bizId(bizId)
                .orderingKey(key)
                .payload(payload)
                .build();
    }

    private List<String> effects() {
        return schema.strings("SELECT name FROM effect ORDER BY name");
    }

    /** The statements that went through Jdbi. */
    private static final class Seen implements SqlLogger {

        private final List<String> statements = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void logAfterExecution(StatementContext context) {
            statements.add(context.getRenderedSql());
        }
    }

    /** Where a handler stands until it may go on. */
    private static final class Gate {

        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        Handler then(Handler then) {
            return (tx, m) -> {
                reached.countDown();
                assertThat(opened.await(30, SECONDS)).isTrue();
                then.handle(tx, m);
            };
        }

        void awaitReached() throws InterruptedException {
            assertThat(reached.await(30, SECONDS)).isTrue();
        }

        void open() {
            opened.countDown();
        }
    }
}
