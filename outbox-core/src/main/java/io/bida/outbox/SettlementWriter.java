package io.bida.outbox;

import io.bida.outbox.Claim.Row;
import io.bida.outbox.Settlement.Attempt;
import io.bida.outbox.Settlement.Dead;
import io.bida.outbox.Settlement.Delivered;
import io.bida.outbox.Settlement.Held;
import io.bida.outbox.Settlement.Retry;
import io.bida.outbox.Settlement.Scheduled;
import io.bida.sql.Dialect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The statements of one settlement. On the happy path: one DELETE, one INSERT when history is on, one COMMIT. */
final class SettlementWriter {

    private static final int MAX_ERROR = 1_000;
    private static final int MAX_PROOF = 200;

    /** Null characters, which PostgreSQL refuses, and halves of surrogate pairs, which have no UTF-8 form. */
    private static final Pattern UNSTORABLE = Pattern.compile("[\\x00\\p{Cs}]");

    private final Dialect dialect;
    private final String node;
    private final boolean history;

    SettlementWriter(Dialect dialect, String node, boolean history) {
        this.dialect = dialect;
        this.node = node;
        this.history = history;
    }

    void write(Handle handle, List<Settlement> settlements) {
        List<Delivered> delivered = select(settlements, Delivered.class);
        List<Settlement> undelivered =
                settlements.stream().filter(s -> !(s instanceof Delivered)).toList();
        park(handle, stillLeased(handle, undelivered));
        remove(handle, delivered);
    }

    private void remove(Handle handle, List<Delivered> delivered) {
        if (delivered.isEmpty()) {
            return;
        }
        if (history) {
            record(handle, delivered);
        }
        deleteHot(handle, seqs(delivered, Delivered::claim, row -> row.place().isHot()));
        List<Row> parked = rows(delivered, Delivered::claim, row -> !row.place().isHot());
        if (!parked.isEmpty()) {
            String ids = parked.stream()
                    .map(row -> dialect.literal(row.messageId()))
                    .collect(Collectors.joining(",", "AND message_id IN (", ")"));
            handle.execute(dialect.deleteByKey(
                    "bida_outbox_parked", "seq", parked.stream().map(Row::seq).toList(), ids));
        }
    }

    private void record(Handle handle, List<Delivered> delivered) {
        String row = "(?, ?, ?, ?, ?, ?, " + dialect.now() + ", ?, ?, ?)";
        Update insert = handle.createUpdate("""
                INSERT INTO bida_outbox_history
                    (message_id, scene, biz_id, topic, ordering_key, created_at, delivered_at, attempts, proof, node)
                VALUES\s""" + (row + ", ").repeat(delivered.size() - 1) + row);
        int index = 0;
        for (Delivered each : delivered) {
            var message = each.claim().message();
            insert.bind(index++, dialect.bind(message.id()));
            insert.bind(index++, message.scene());
            insert.bind(index++, message.bizId().value());
            insert.bind(index++, message.topic());
            insert.bind(index++, message.orderingKey());
            insert.bind(index++, message.createdAt() == null ? null : dialect.bind(message.createdAt()));
            insert.bind(index++, each.claim().row().attempts() + 1);
            insert.bind(index++, head(each.proof(), MAX_PROOF));
            insert.bind(index++, node);
        }
        insert.execute();
    }

    private void park(Handle handle, List<Settlement> settlements) {
        if (settlements.isEmpty()) {
            return;
        }
        List<Parking> parkings = settlements.stream().map(Parking::of).toList();
        batch(
                handle,
                insertParked(dialect.nowPlus(":delay")),
                parkings,
                p -> p.row().place().isHot() && p.delay() != null);
        batch(handle, insertParked("due_at"), parkings, p -> p.row().place().isHot() && p.delay() == null);
        batch(
                handle,
                updateParked(dialect.nowPlus(":delay")),
                parkings,
                p -> !p.row().place().isHot() && p.delay() != null);
        batch(handle, updateParked("due_at"), parkings, p -> !p.row().place().isHot() && p.delay() == null);
        deleteHot(
                handle, seqs(settlements, Settlement::claim, row -> row.place().isHot()));
        recordAttempts(handle, parkings);
    }

    /** What a parked row is to say. */
    private record Parking(
            Row row,
            String state,
            @Nullable Attempt attempt,
            @Nullable Long delay,
            @Nullable String error) {

        static Parking of(Settlement settlement) {
            Row row = settlement.claim().row();
            if (settlement instanceof Retry retry) {
                long micros = retry.delay().toNanos() / 1_000;
                return new Parking(
                        row, "RETRY", retry.attempt(), micros, retry.attempt().error());
            }
            if (settlement instanceof Dead dead) {
                return new Parking(row, "DEAD", dead.attempt(), null, dead.reason());
            }
            if (settlement instanceof Held) {
                return new Parking(row, "HELD", null, null, null);
            }
            if (settlement instanceof Scheduled) {
                return new Parking(row, "SCHEDULED", null, null, null);
            }
            throw new IllegalArgumentException("Not to be parked: " + settlement);
        }

        int attempts() {
            return attempt == null ? row.attempts() : attempt.number();
        }
    }

    private String insertParked(String dueAt) {
        return """
                INSERT INTO bida_outbox_parked
                    (seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                     created_at, due_at, expires_at, state, attempts, last_error, parked_at)
                SELECT seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                       created_at, %s, expires_at, :state, :attempts, :error, %s
                FROM bida_outbox
                WHERE seq = :seq""".formatted(dueAt, dialect.now());
    }

    /** Leaves alone what an operator changed meanwhile. */
    private String updateParked(String dueAt) {
        return """
                UPDATE bida_outbox_parked
                SET state = :state, attempts = :attempts, last_error = COALESCE(:error, last_error), due_at = %s,
                    parked_at = %s
                WHERE seq = :seq AND message_id = :id AND state = :place""".formatted(dueAt, dialect.now());
    }

    private void batch(Handle handle, String sql, List<Parking> all, Predicate<Parking> which) {
        List<Parking> parkings = all.stream().filter(which).toList();
        if (parkings.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(sql);
        boolean hot = parkings.get(0).row().place().isHot();
        for (Parking parking : parkings) {
            batch.bind("seq", parking.row().seq())
                    .bind("state", parking.state())
                    .bind("attempts", parking.attempts())
                    .bind("error", head(parking.error(), MAX_ERROR));
            if (parking.delay() != null) {
                batch.bind("delay", parking.delay());
            }
            if (!hot) {
                batch.bind("id", dialect.bind(parking.row().messageId()));
                batch.bind("place", parking.row().place().name());
            }
            batch.add();
        }
        batch.execute();
    }

    private void recordAttempts(Handle handle, List<Parking> parkings) {
        PreparedBatch batch = handle.prepareBatch("""
                INSERT INTO bida_attempt (message_id, attempt, at, node, outcome, duration_ms, error)
                VALUES (:id, :number, %s, :node, :outcome, :took, :error)""".formatted(dialect.now()));
        for (Parking parking : parkings) {
            Attempt attempt = parking.attempt();
            if (attempt != null) {
                batch.bind("id", dialect.bind(parking.row().messageId()))
                        .bind("number", attempt.number())
                        .bind("node", node)
                        .bind("outcome", attempt.outcome())
                        .bind("took", attempt.took().toMillis())
                        .bind("error", head(attempt.error(), MAX_ERROR))
                        .add();
            }
        }
        if (batch.size() > 0) {
            batch.execute();
        }
    }

    /** Locks the leases until the commit, so that nobody can take a shard while its rows are being changed. */
    private List<Settlement> stillLeased(Handle handle, List<Settlement> settlements) {
        if (settlements.isEmpty()) {
            return settlements;
        }
        String shards = settlements.stream()
                .map(s -> String.valueOf(s.claim().row().shard()))
                .distinct()
                .collect(Collectors.joining(","));
        Map<Integer, Long> epochs = new HashMap<>();
        handle.createQuery("SELECT shard, epoch FROM bida_lease WHERE owner = :node AND shard IN (" + shards
                        + ") ORDER BY shard FOR UPDATE")
                .bind("node", node)
                .map((row, context) -> Map.entry(row.getInt("shard"), row.getLong("epoch")))
                .forEach(lease -> epochs.put(lease.getKey(), lease.getValue()));
        return settlements.stream()
                .filter(s -> Long.valueOf(s.claim().row().epoch())
                        .equals(epochs.get(s.claim().row().shard())))
                .toList();
    }

    private void deleteHot(Handle handle, List<Long> seqs) {
        if (!seqs.isEmpty()) {
            handle.execute(dialect.deleteByKey("bida_outbox", "seq", seqs, ""));
        }
    }

    private static <T> List<T> select(List<Settlement> settlements, Class<T> type) {
        return settlements.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static <T> List<Long> seqs(List<T> from, Function<T, Claim> claim, Predicate<Row> which) {
        return new ArrayList<>(rows(from, claim, which).stream().map(Row::seq).toList());
    }

    private static <T> List<Row> rows(List<T> from, Function<T, Claim> claim, Predicate<Row> which) {
        return from.stream().map(claim).map(Claim::row).filter(which).toList();
    }

    /** As much as the column takes, without what no text column takes: a reason must never keep a row from its end. */
    private static @Nullable String head(@Nullable String text, int length) {
        if (text == null) {
            return null;
        }
        String head = text.length() <= length ? text : text.substring(0, length - 3) + "...";
        return UNSTORABLE.matcher(head).replaceAll("?");
    }
}
