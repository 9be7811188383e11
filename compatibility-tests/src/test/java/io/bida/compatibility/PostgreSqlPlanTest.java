package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Room;
import io.bida.outbox.Span;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGStatement;

/** PostgreSQL plans by statistics, which are old or missing where rows stay a short time: the relay's reads keep to their index. */
class PostgreSqlPlanTest {

    private static final Room ROOM = new Room(500, 1 << 20, 1 << 20);
    private static final Map<Integer, Long> LEASES =
            IntStream.range(1, 64).boxed().collect(Collectors.toMap(shard -> shard, shard -> 1L));

    private final Schema schema = new Schema(Store.POSTGRESQL);
    private final OutboxStore store =
            new OutboxStore(schema.database.dialect(), DurableQueue.OUTBOX, "relay-1", null, false);

    @AfterEach
    void close() {
        schema.close();
    }

    @Test
    void whatIsHeldBehindAKeyIsReadByTheKeyWithoutStatistics() {
        park(20_000, 20, "HELD");
        assertThat(held()).contains("bida_outbox_parked_key").doesNotContain("_due", "_state");
    }

    @Test
    void whatIsHeldBehindAKeyIsReadByTheKeyWhenNothingWasHeldBefore() {
        park(2_000, 20, "DEAD");
        schema.jdbi.useHandle(handle -> handle.execute("ANALYZE bida_outbox_parked"));
        park(20_000, 20, "HELD");
        assertThat(held()).contains("bida_outbox_parked_key").doesNotContain("_due", "_state");
    }

    /** Sorting anew for each batch would take the time of the square. */
    @Test
    void muchThatIsHeldBehindAKeyIsReadInTheOrderOfTheKeysIndex() {
        park(60_000, 2, "HELD");
        schema.jdbi.useHandle(handle -> handle.execute("ANALYZE bida_outbox_parked"));
        assertThat(held()).contains("Index Scan using bida_outbox_parked_key").doesNotContain("Bitmap", "Sort");
    }

    /** By default estimates a hundred ranges are half of the table. */
    @Test
    void gapsAreLookedThroughByTheKeyWithoutStatistics() {
        schema.jdbi.useHandle(handle ->
                handle.execute("INSERT INTO bida_outbox (topic, type, biz_id, payload) SELECT 'orders', 'Placed', n,"
                        + " '{}' FROM generate_series(1, 50000) n"));
        List<Span> spans = IntStream.range(0, 100)
                .mapToObj(i -> new Span(i * 100L, i * 100L + 20))
                .toList();
        assertThat(plan((handle, relay) -> relay.present(handle, spans, LEASES.keySet(), 1_000)))
                .contains("bida_outbox_pkey")
                .doesNotContain("Seq Scan", "Gather");
    }

    private void park(int messages, int keys, String state) {
        schema.jdbi.useHandle(handle -> handle.execute(
                "INSERT INTO bida_outbox_parked (seq, message_id, topic, type, biz_id, ordering_key, content_type, payload,"
                        + " created_at, due_at, state, parked_at) SELECT n, gen_random_uuid(), 'orders', 'Placed', n,"
                        + " 'key-' || n % ?, 'text/plain', '{}', now(), now(), ?, now() FROM generate_series(1, ?) n",
                keys, state, messages));
    }

    private String held() {
        return plan((handle, relay) -> relay.held(handle, "key-1", LEASES, ROOM));
    }

    /** How the server carries the statement out, on a session as the relay's. */
    private String plan(BiConsumer<Handle, OutboxStore> read) {
        return schema.jdbi.withHandle(handle -> {
            for (String sql : schema.database.dialect().planByIndex()) {
                handle.execute(sql);
            }
            StringBuilder plan = new StringBuilder();
            handle.setSqlLogger(new SqlLogger() {
                @Override
                public void logBeforeExecution(StatementContext context) {
                    plan.append(explained(context));
                }
            });
            read.accept(handle, store);
            return plan.toString();
        });
    }

    private static String explained(StatementContext context) {
        try (Statement explain = context.getConnection().createStatement();
                ResultSet lines =
                        explain.executeQuery("EXPLAIN " + context.getStatement().unwrap(PGStatement.class))) {
            StringBuilder plan = new StringBuilder();
            while (lines.next()) {
                plan.append(lines.getString(1)).append('\n');
            }
            return plan.toString();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
