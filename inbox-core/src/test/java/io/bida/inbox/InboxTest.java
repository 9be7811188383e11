package io.bida.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class InboxTest {

    private static final Message MESSAGE = message("order-1");
    private static final Message OTHER = message("order-2");
    private static final Message THIRD = message("order-3");

    private final List<Integer> pauses = new ArrayList<>();

    @Test
    void aRetentionShorterThanTheLongestReplayIsRefused() {
        Inbox.Builder builder = Inbox.forGroup("points")
                .on(H2.fresh())
                .retention(Duration.ofDays(7))
                .longestReplay(Duration.ofDays(8));

        assertThatThrownBy(builder::build)
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("forgets messages after PT168H")
                .hasMessageContaining("would take effect twice");
    }

    @Test
    void aTransactionThatLosesIsRepeatedAfterAPauseEach() {
        AtomicInteger calls = new AtomicInteger();

        Answer answer = inbox(H2.fresh()).handle(MESSAGE, (tx, m) -> {
            if (calls.incrementAndGet() <= 3) {
                throw new SQLException("deadlock", "40001");
            }
        });

        assertThat(answer).isEqualTo(new Answer.Handled());
        assertThat(pauses).containsExactly(0, 1, 2);
    }

    @Test
    void aTransactionThatLosesAgainAndAgainIsDeliveredAgain() {
        AtomicInteger calls = new AtomicInteger();

        Answer answer = inbox(H2.fresh()).handle(MESSAGE, (tx, m) -> {
            calls.incrementAndGet();
            throw new RuntimeException(new SQLException("deadlock", "40001"));
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(calls).hasValue(4);
    }

    @Test
    void anInterruptEndsTheRepeatsAndStaysKnown() {
        Inbox interrupted = Inbox.forGroup("points")
                .on(H2.fresh())
                .backoff(repeat -> {
                    throw new InterruptedException();
                })
                .build();

        Answer answer = interrupted.handle(MESSAGE, (tx, m) -> {
            throw new SQLException("deadlock", "40001");
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aDatabaseThatCannotBeReachedIsARetryWithASentence() {
        Jdbi unreachable = Jdbi.create(() -> {
            throw new SQLException("connection refused", "08001");
        });

        Answer answer = Inbox.forGroup("points").on(unreachable).build().handle(MESSAGE, (tx, m) -> {});

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(((Answer.Retry) answer).reason()).contains("delivered again", "connection refused");
    }

    @Test
    void aCommitWithoutAConfirmationIsARetryAndTheNextDeliveryFindsOut() {
        DataSource database = H2.fresh();
        Inbox losing = Inbox.forGroup("points")
                .on(Jdbi.create(() -> losingTheAnswerOfCommit(database.getConnection())))
                .build();

        Answer answer = losing.handle(MESSAGE, (tx, m) -> {});

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(((Answer.Retry) answer).reason()).contains("its commit was not confirmed", "broken pipe");
        assertThat(inbox(database).handle(MESSAGE, (tx, m) -> {})).isEqualTo(new Answer.Duplicate());
    }

    @Test
    void aDatabaseThatCannotBeReachedIsAskedOnceForABatch() {
        AtomicInteger asked = new AtomicInteger();
        Jdbi unreachable = Jdbi.create(() -> {
            asked.incrementAndGet();
            throw new SQLException("connection refused", "08001");
        });

        List<Answer> answers = Inbox.forGroup("points")
                .on(unreachable)
                .build()
                .handleAll(List.of(MESSAGE, OTHER, THIRD), (tx, m) -> {});

        assertThat(answers).hasSize(3).hasOnlyElementsOfType(Answer.Retry.class);
        assertThat(asked).hasValue(1);
    }

    @Test
    void aDatabaseThatGoesAwayWhileABatchGoesOneByOneIsAskedOnceMore() {
        DataSource database = H2.fresh();
        AtomicInteger asked = new AtomicInteger();
        Inbox inbox = Inbox.forGroup("points")
                .on(Jdbi.create(() -> {
                    if (asked.incrementAndGet() > 2) {
                        throw new SQLException("connection refused", "08001");
                    }
                    return database.getConnection();
                }))
                .build();

        List<Answer> answers = inbox.handleAll(List.of(MESSAGE, OTHER, THIRD), (tx, m) -> {
            if (m.equals(OTHER)) {
                throw new IllegalStateException("no such account");
            }
        });

        assertThat(answers.get(0)).isEqualTo(new Answer.Handled());
        assertThat(answers.subList(1, 3)).hasOnlyElementsOfType(Answer.Retry.class);
        assertThat(asked).hasValue(3);
    }

    @Test
    void aBatchWhoseCommitIsNotConfirmedIsARetryAndTheNextDeliveryFindsOut() {
        DataSource database = H2.fresh();
        List<Message> messages = List.of(MESSAGE, OTHER);
        Inbox losing = Inbox.forGroup("points")
                .on(Jdbi.create(() -> losingTheAnswerOfCommit(database.getConnection())))
                .build();

        assertThat(losing.handleAll(messages, (tx, m) -> {})).hasSize(2).hasOnlyElementsOfType(Answer.Retry.class);
        assertThat(inbox(database).handleAll(messages, (tx, m) -> {}))
                .containsExactly(new Answer.Duplicate(), new Answer.Duplicate());
    }

    @Test
    void anInterruptEndsABatchAndStaysKnown() {
        List<Answer> answers = inbox(H2.fresh()).handleAll(List.of(MESSAGE, OTHER), (tx, m) -> {
            throw new InterruptedException();
        });

        assertThat(answers).hasSize(2).hasOnlyElementsOfType(Answer.Retry.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anErrorInTheHandlerIsAnAnswerToo() {
        Answer answer = inbox(H2.fresh()).handle(MESSAGE, (tx, m) -> {
            throw new NoClassDefFoundError("com/shop/Order");
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(((Answer.Retry) answer).reason()).contains("java.lang.NoClassDefFoundError: com/shop/Order");
    }

    @Test
    void aReceiverTakesTheInboxAsItsIntake() {
        DataSource database = H2.fresh();

        assertThat(inbox(database).intake((tx, m) -> {}).receive(MESSAGE)).isEqualTo(new Answer.Handled());
        assertThat(inbox(database).intake((tx, m) -> {}).receive(MESSAGE)).isEqualTo(new Answer.Duplicate());
    }

    @Test
    void aGroupThatNoDatabaseCouldKeepExactlyIsRefused() {
        for (String group : List.of("", "g".repeat(65), " points", "points ", "poi\0nts", "poi\nnts", "p\uD800")) {
            assertThatThrownBy(() -> Inbox.forGroup(group)).isInstanceOf(BidaException.class);
        }
    }

    @Test
    void anInboxWithoutADatabaseSaysWhatIsMissing() {
        assertThatThrownBy(() -> Inbox.forGroup("points").build())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("on(...)");
    }

    private static Message message(String bizId) {
        return Message.to("orders").type("OrderPaid").bizId(bizId).payload("{}").build();
    }

    private Inbox inbox(DataSource database) {
        return Inbox.forGroup("points").on(database).backoff(pauses::add).build();
    }

    /** Commits, and then loses the answer. */
    private static Connection losingTheAnswerOfCommit(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                InboxTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(connection, arguments);
                        if (method.getName().equals("commit")) {
                            throw new SQLException("broken pipe", "08006");
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }
}
