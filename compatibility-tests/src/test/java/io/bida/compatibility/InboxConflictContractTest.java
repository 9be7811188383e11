package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.inbox.ConflictPolicy;
import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.inbox.OutcomeHandler;
import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.jdbc.JdbcReceiver;
import io.bida.transport.jdbc.JdbcSender;
import java.sql.Connection;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One biz-id with two payloads is found and stays visible with both hashes, whichever way the messages come. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class InboxConflictContractTest {

    private static final Handler NOTHING = (tx, m) -> {};

    private final Schema schema;
    private final Jdbi jdbi;
    private final Message first = message("{\"amount\": 1}");
    private final Message second = message("{\"amount\": 2}");

    InboxConflictContractTest(Store store) {
        schema = new Schema(store);
        jdbi = schema.jdbi;
    }

    @AfterEach
    void dropSchema() {
        schema.close();
    }

    @Test
    void isFoundInATransactionOfTheInboxesOwn() {
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            Inbox inbox = inbox(policy);
            inbox.handle(first, NOTHING);

            assertAnswer(policy, inbox.handle(second, NOTHING));
            assertAnswer(policy, inbox.handle(second, NOTHING));

            assertNotedOnce(policy);
            assertThat(inbox.counts().conflicts()).isEqualTo(2);
            assertThat(inbox.counts().duplicates()).isZero();
            assertThat(inbox.counts().rejected()).isZero();
        }
    }

    @Test
    void isFoundInTheCallersTransactionAndStaysWhenThatIsRolledBack() throws Exception {
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            Inbox inbox = inbox(policy);
            try (Connection tx = schema.dataSource.getConnection()) {
                tx.setAutoCommit(false);
                assertThat(inbox.handle(tx, first, NOTHING)).isEqualTo(new Answer.Handled());
                assertAnswer(policy, inbox.handle(tx, second, NOTHING));
                tx.rollback();
            }

            assertNotedOnce(policy);
            assertThat(schema.count("bida_inbox")).isZero();
        }
    }

    @Test
    void isFoundInABatch() {
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            Inbox inbox = inbox(policy);

            List<Answer> answers = inbox.handleAll(List.of(first, second), NOTHING);
            List<Answer> later = inbox.handleAll(List.of(second, first), NOTHING);

            assertThat(List.of(answers.get(0), later.get(1)))
                    .containsExactly(new Answer.Handled(), new Answer.Duplicate());
            assertAnswer(policy, answers.get(1));
            assertAnswer(policy, later.get(0));
            assertNotedOnce(policy);
            assertThat(inbox.counts().conflicts()).isEqualTo(2);
        }
    }

    @Test
    void isFoundBehindTheReceiverOfTheJdbcTransport() {
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            try (JdbcSender sender = new JdbcSender(schema.dataSource, group(policy), Duration.ofSeconds(5), 1);
                    JdbcReceiver receiver = JdbcReceiver.start(
                            schema.dataSource, group(policy), inbox(policy).intake(NOTHING))) {
                for (Message message : List.of(first, second)) {
                    sender.send(List.of(message)).get(0).toCompletableFuture().join();
                    receiver.wake();
                    await().until(() -> schema.count("bida_inbox_queue") == 0);
                }
            }

            assertNotedOnce(policy);
            List<String> dead = schema.strings("SELECT last_error FROM bida_inbox_parked WHERE state = 'DEAD'"
                    + " AND consumer_group = '" + group(policy) + "'");
            if (policy == ConflictPolicy.ACKNOWLEDGE) {
                assertThat(dead).isEmpty();
            } else {
                assertThat(dead).singleElement().satisfies(this::assertNamesBothHashes);
            }
        }
    }

    @Test
    void isAnsweredWithTheOutcomeOfTheFirstWhenItIsAcknowledged() {
        OutcomeHandler telling = (tx, m) -> "reservation 7";
        Inbox inbox = inbox(ConflictPolicy.ACKNOWLEDGE);
        inbox.handle(first, telling);

        assertThat(inbox.handle(second, telling)).isEqualTo(new Answer.Duplicate("reservation 7"));
    }

    @Test
    void isToBeDeliveredAgainWhenItCannotBeNoted() {
        Inbox inbox = inbox(ConflictPolicy.ACKNOWLEDGE);
        inbox.handle(first, NOTHING);
        jdbi.useHandle(tx -> tx.execute("DROP TABLE bida_inbox_conflict"));

        assertThat(inbox.handle(second, NOTHING)).isInstanceOf(Answer.Retry.class);
        assertThat(inbox.counts().conflicts()).isZero();
    }

    private void assertAnswer(ConflictPolicy policy, Answer answer) {
        switch (policy) {
            case DEAD -> {
                assertThat(answer).isInstanceOf(Answer.Conflict.class);
                assertNamesBothHashes(((Answer.Conflict) answer).reason());
            }
            case REJECT -> {
                assertThat(answer).isInstanceOf(Answer.Rejected.class);
                assertNamesBothHashes(((Answer.Rejected) answer).reason());
            }
            case ACKNOWLEDGE -> assertThat(answer).isEqualTo(new Answer.Duplicate());
        }
    }

    private void assertNamesBothHashes(String reason) {
        assertThat(reason).contains(hex(first), hex(second), "order-1");
    }

    private void assertNotedOnce(ConflictPolicy policy) {
        Object group = schema.database.dialect().identity(group(policy));
        List<String> noted = jdbi.withHandle(tx -> tx.createQuery(
                        "SELECT payload_hash, handled_hash FROM bida_inbox_conflict WHERE consumer_group = ?")
                .bind(0, group)
                .map((row, context) -> hex(row.getBytes(1)) + " " + hex(row.getBytes(2)))
                .list());

        assertThat(noted).containsExactly(hex(second) + " " + hex(first));
    }

    private Inbox inbox(ConflictPolicy policy) {
        return Inbox.forGroup(group(policy)).on(jdbi).onConflict(policy).build();
    }

    private static String group(ConflictPolicy policy) {
        return "points-" + policy;
    }

    private static String hex(Message message) {
        return hex(message.payload().hash());
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }

    private static Message message(String payload) {
        return Message.to("orders")
                .type("OrderPaid")
                .bizId("order-1")
                .payload(payload)
                .build();
    }
}
