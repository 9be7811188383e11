package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.OutboxStore.TransactionSpan;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL does not show open inserts: a number that is missing is waited for until all who may have taken it have ended. */
class OpenTransactionsTest {

    private final Schema schema = new Schema(Store.POSTGRESQL);
    private final OutboxStore store =
            new OutboxStore(schema.database.dialect(), DurableQueue.OUTBOX, "relay-1", null, false);
    private final Handle business = schema.jdbi.open();
    private final Handle report = schema.jdbi.open();

    @BeforeEach
    void create() {
        report.execute("CREATE TABLE report (n INT)");
        report.begin();
        report.execute("INSERT INTO report VALUES (1)");
    }

    @AfterEach
    void close() {
        business.rollback();
        business.close();
        report.rollback();
        report.close();
        schema.close();
    }

    @Test
    void allAreWaitedForWhileTheyAreYoung() {
        assertThat(span().oldest()).isLessThanOrEqualTo(id(report));
    }

    /** Gaps were looked for, in all that was delivered since, as long as anybody wrote anything. */
    @Test
    void anOldOneThatWritesOtherTablesIsNotWaitedFor() {
        manyTransactionsPass();
        TransactionSpan span = span();
        assertThat(span.oldest()).isEqualTo(span.next()).isGreaterThan(id(report));
    }

    @Test
    void anOldOneThatPublishedIsWaitedFor() {
        business.begin();
        business.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload) VALUES ('t', 'T', '1', '')");
        business.execute("SAVEPOINT one");
        business.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload) VALUES ('t', 'T', '2', '')");
        manyTransactionsPass();
        assertThat(span().oldest()).isLessThanOrEqualTo(id(business)).isGreaterThan(id(business) - 100);
    }

    private TransactionSpan span() {
        return schema.jdbi.withHandle(store::transactions);
    }

    private static long id(Handle handle) {
        return handle.createQuery("SELECT pg_current_xact_id()::text::bigint")
                .mapTo(Long.class)
                .one();
    }

    private void manyTransactionsPass() {
        schema.jdbi.useHandle(handle -> handle.execute(
                "DO $$ BEGIN FOR i IN 1..10001 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"));
    }
}
