package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.inbox.Inbox;
import io.bida.message.BidaException;
import io.bida.message.BizId;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is to be forgotten goes, at once for a privacy request or when its time has passed, and nothing else. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class ForgettingContractTest {

    private static final BizId JANE = new BizId("signup", "jane@example.org");
    private static final List<BizId> OTHERS = List.of(
            new BizId("signup", "JANE@example.org"),
            new BizId("signup", "jane@example.org "),
            new BizId("signup", "jäne@example.org"),
            new BizId("newsletter", "jane@example.org"));

    private final Schema schema;
    private final Inbox crm;
    private final Inbox billing;

    ForgettingContractTest(Store store) {
        schema = new Schema(store);
        crm = Inbox.forGroup("crm").on(schema.dataSource).build();
        billing = Inbox.forGroup("billing").on(schema.dataSource).build();
    }

    @AfterEach
    void close() {
        schema.close();
    }

    @Test
    void whatWasHandledIsForgottenAndADeliveryAfterThatIsNew() {
        handle(crm, JANE);
        OTHERS.forEach(other -> handle(crm, other));
        handle(billing, JANE);
        assertThat(handle(crm, JANE, "another body")).isInstanceOf(Answer.Conflict.class);

        assertThat(crm.erase(JANE)).isEqualTo(2);

        assertThat(crm.erase(JANE)).isZero();
        assertThat(handle(crm, JANE)).isInstanceOf(Answer.Handled.class);
        assertThat(OTHERS).allSatisfy(other -> assertThat(handle(crm, other)).isInstanceOf(Answer.Duplicate.class));
        assertThat(handle(billing, JANE)).isInstanceOf(Answer.Duplicate.class);
    }

    @Test
    void whatWaitsOrIsParkedInTheDurableQueueGoesToo() {
        for (BizId one : List.of(JANE, OTHERS.get(0), OTHERS.get(1), OTHERS.get(2), OTHERS.get(3))) {
            wait("crm", one);
            park("crm", one);
        }
        wait("billing", JANE);

        assertThat(crm.erase(JANE)).isEqualTo(2);

        assertThat(schema.count("bida_inbox_queue")).isEqualTo(OTHERS.size() + 1);
        assertThat(schema.count("bida_inbox_parked")).isEqualTo(OTHERS.size());
        assertThat(billing.erase(JANE)).isEqualTo(1);
    }

    @Test
    void aConflictIsRememberedAsLongAsTheMessagesOfItsInbox() {
        Inbox forgetful = Inbox.forGroup("cache")
                .on(schema.dataSource)
                .retention(Duration.ofNanos(1_000))
                .build();
        for (Inbox inbox : List.of(forgetful, crm)) {
            assertThat(handle(inbox, JANE)).isInstanceOf(Answer.Handled.class);
            assertThat(handle(inbox, JANE, "another body")).isInstanceOf(Answer.Conflict.class);
        }

        assertThat(crm.purge(2)).isEqualTo(2);
        assertThat(crm.purge(2)).isZero();

        assertThat(schema.count("bida_inbox")).isEqualTo(1);
        assertThat(schema.count("bida_inbox_conflict")).isEqualTo(1);
        assertThat(handle(crm, JANE)).isInstanceOf(Answer.Duplicate.class);
    }

    @Test
    void whatIsToBeRememberedNoLongerIsPurgedInSmallParts() {
        Inbox forgetful = Inbox.forGroup("cache")
                .on(schema.dataSource)
                .retention(Duration.ofNanos(1_000))
                .build();
        OTHERS.forEach(other -> handle(forgetful, other));
        handle(crm, JANE);

        assertThat(crm.purge(3)).isEqualTo(3);
        assertThat(crm.purge(3)).isEqualTo(1);
        assertThat(crm.purge(3)).isZero();
        assertThat(handle(crm, JANE)).isInstanceOf(Answer.Duplicate.class);
    }

    @Test
    void aDatabaseWithoutTheTablesIsToldInASentence() {
        schema.jdbi.useHandle(handle -> handle.execute("DROP TABLE bida_inbox_queue"));

        assertThatThrownBy(() -> crm.erase(JANE))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("Group crm: signup:jane@example.org may still be there; erase it again.");
    }

    private static Answer handle(Inbox inbox, BizId bizId) {
        return handle(inbox, bizId, "{}");
    }

    private static Answer handle(Inbox inbox, BizId bizId, String payload) {
        return inbox.handle(
                Message.to("people")
                        .type(bizId.scene())
                        .bizId(bizId.value())
                        .payload(payload)
                        .build(),
                (tx, message) -> {});
    }

    private void wait(String group, BizId bizId) {
        schema.jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO bida_inbox_queue (consumer_group, topic, type, biz_id, payload) VALUES (?, 'people', ?, ?, ?)",
                group,
                bizId.scene(),
                bizId.value(),
                new byte[] {1}));
    }

    private void park(String group, BizId bizId) {
        schema.jdbi.useHandle(handle -> {
            String copied = "consumer_group, message_id, topic, type, scene, biz_id, content_type, payload, created_at";
            handle.execute(
                    "INSERT INTO bida_inbox_parked (seq, " + copied + ", state, parked_at) SELECT -seq, " + copied
                            + ", 'DEAD', created_at FROM bida_inbox_queue WHERE consumer_group = ? AND biz_id = ?"
                            + " AND LENGTH(biz_id) = LENGTH(?) AND type = ?",
                    group,
                    bizId.value(),
                    bizId.value(),
                    bizId.scene());
        });
    }
}
