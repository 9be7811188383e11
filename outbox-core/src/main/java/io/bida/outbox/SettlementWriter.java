package io.bida.outbox;

import io.bida.outbox.Claim.Row;
import io.bida.outbox.Settlement.Attempt;
import io.bida.outbox.Settlement.Dead;
import io.bida.outbox.Settlement.Delivered;
import io.bida.outbox.Settlement.Held;
import io.bida.outbox.Settlement.Retry;
import io.bida.outbox.Settlement.Scheduled;
import io.bida.sql.Dialect;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements of one settlement. On the happy path: one DELETE, one INSERT when history is on, one COMMIT. */
final class SettlementWriter {

    private static final int MAX_ERROR = 1_000;
    private static final int MAX_PROOF = 200;

    /** The null character and halves of surrogate pairs. */
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

    /** A row that is there and not to be had is another transaction's; one that is gone is nobody's. */
    List<Settlement> unlocked(Handle handle, List<Settlement> settlements) {
        Set<Long> locked = new HashSet<>();
        for (String table : List.of("bida_outbox", "bida_outbox_parked")) {
            List<Long> seqs =
                    seqs(settlements, Settlement::claim, row -> row.place().isHot() == table.equals("bida_outbox"));
            if (!seqs.isEmpty()) {
                String rows = "SELECT seq FROM " + table + " WHERE seq IN ("
                        + seqs.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")";
                locked.addAll(handle.createQuery(rows).mapTo(Long.class).list());
                handle.createQuery(rows + " FOR UPDATE SKIP LOCKED")
                        .mapTo(Long.class)
                        .forEach(locked::remove);
            }
        }
        return settlements.stream()
                .filter(settlement -> !locked.contains(settlement.claim().row().seq()))
                .toList();
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
            execute(
                    handle,
                    dialect.deleteByKey(
                            "bida_outbox_parked",
                            "seq",
                            parked.stream().map(Row::seq).toList(),
                            ids));
        }
    }

    private void record(Handle handle, List<Delivered> delivered) {
        String row = "(?, ?, ?, ?, ?, ?, " + dialect.now() + ", ?, ?, ?)";
        String sql = """
                INSERT INTO bida_outbox_history
                    (message_id, scene, biz_id, topic, ordering_key, created_at, delivered_at, attempts, proof, node)
                VALUES\s""" + (row + ", ").repeat(delivered.size() - 1) + row;
        try (PreparedStatement insert = handle.getConnection().prepareStatement(sql)) {
            int index = 0;
            for (Delivered each : delivered) {
                var message = each.claim().message();
                insert.setObject(++index, dialect.bind(message.id()));
                insert.setString(++index, message.scene());
                insert.setString(++index, message.bizId().value());
                insert.setString(++index, message.topic());
                insert.setString(++index, message.orderingKey());
                insert.setObject(++index, message.createdAt() == null ? null : dialect.bind(message.createdAt()));
                insert.setInt(++index, each.claim().row().attempts() + 1);
                insert.setString(++index, head(each.proof(), MAX_PROOF));
                insert.setString(++index, node);
            }
            insert.executeUpdate();
        } catch (SQLException e) {
            throw failure("The history was not written", e);
        }
    }

    /** Without Jdbi, which would parse each of these long and ever different statements for parameters it has not. */
    private static void execute(Handle handle, String sql) {
        try (Statement statement = handle.getConnection().createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw failure("A settlement was not written", e);
        }
    }

    private static IllegalStateException failure(String what, SQLException e) {
        return new IllegalStateException(what + ": " + e.getMessage(), e);
    }

    private void park(Handle handle, List<Settlement> settlements) {
        if (settlements.isEmpty()) {
            return;
        }
        List<Parking> parkings = settlements.stream().map(Parking::of).toList();
        for (String state : List.of("HELD", "SCHEDULED")) {
            insertUnchanged(
                    handle,
                    state,
                    select(parkings, p -> p.isUnchanged() && p.state().equals(state)));
        }
        List<Parking> hot = select(parkings, p -> p.row().place().isHot() && !p.isUnchanged());
        insertEach(handle, dialect.nowPlus(":delay"), select(hot, p -> p.delay() != null));
        insertEach(handle, "due_at", select(hot, p -> p.delay() == null));
        List<Parking> parked = select(parkings, p -> !p.row().place().isHot());
        updateEach(handle, dialect.nowPlus(":delay"), select(parked, p -> p.delay() != null));
        updateEach(handle, "due_at", select(parked, p -> p.delay() == null));
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

        /** Whether the row goes to the parked table as it is, but for its state. */
        boolean isUnchanged() {
            return row.place().isHot() && attempt == null && error == null;
        }

        int attempts() {
            return attempt == null ? row.attempts() : attempt.number();
        }
    }

    /** Messages that wait and never failed, however many, in one statement. */
    private void insertUnchanged(Handle handle, String state, List<Parking> parkings) {
        if (!parkings.isEmpty()) {
            String seqs = parkings.stream()
                    .map(parking -> String.valueOf(parking.row().seq()))
                    .collect(Collectors.joining(","));
            execute(handle, insertParked("due_at", "'" + state + "', 0, NULL") + "WHERE seq IN (" + seqs + ")");
        }
    }

    private void insertEach(Handle handle, String dueAt, List<Parking> parkings) {
        String sql = insertParked(dueAt, ":state, :attempts, :error") + "WHERE seq = :seq";
        batch(handle, sql, parkings, (batch, parking) -> {});
    }

    private String insertParked(String dueAt, String state) {
        return """
                INSERT INTO bida_outbox_parked
                    (seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                     created_at, due_at, expires_at, state, attempts, last_error, parked_at)
                SELECT seq, message_id, topic, type, scene, biz_id, ordering_key, source, content_type, headers, payload,
                       created_at, %s, expires_at, %s, %s
                FROM bida_outbox
                """.formatted(dueAt, state, dialect.now());
    }

    /** Leaves alone what an operator changed meanwhile. */
    private void updateEach(Handle handle, String dueAt, List<Parking> parkings) {
        String sql = """
                UPDATE bida_outbox_parked
                SET state = :state, attempts = :attempts, last_error = COALESCE(:error, last_error), due_at = %s,
                    parked_at = %s
                WHERE seq = :seq AND message_id = :id AND state = :place""".formatted(dueAt, dialect.now());
        batch(
                handle,
                sql,
                parkings,
                (batch, parking) -> batch.bind("id", dialect.bind(parking.row().messageId()))
                        .bind("place", parking.row().place().name()));
    }

    private static void batch(
            Handle handle, String sql, List<Parking> parkings, BiConsumer<PreparedBatch, Parking> more) {
        if (parkings.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(sql);
        for (Parking parking : parkings) {
            batch.bind("seq", parking.row().seq())
                    .bind("state", parking.state())
                    .bind("attempts", parking.attempts())
                    .bind("error", head(parking.error(), MAX_ERROR));
            if (parking.delay() != null) {
                batch.bind("delay", parking.delay());
            }
            more.accept(batch, parking);
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
            execute(handle, dialect.deleteByKey("bida_outbox", "seq", seqs, ""));
        }
    }

    private static List<Parking> select(List<Parking> all, Predicate<Parking> which) {
        return all.stream().filter(which).toList();
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

    /** What a stranger said, as every database takes it: a text that one refuses would stop all settlements. */
    static @Nullable String head(@Nullable String text, int length) {
        if (text == null) {
            return null;
        }
        String head = text.length() <= length ? text : text.substring(0, length - 3) + "...";
        return UNSTORABLE.matcher(head).replaceAll("?");
    }
}
