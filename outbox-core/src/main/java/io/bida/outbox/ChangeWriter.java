package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes what an operator decided about some messages, in the handle's transaction. A relay may have any of them in
 * flight, and the order of keys is kept:
 *
 * <ol>
 *   <li>The rows are locked, the hot ones first, as a relay does; what they say then counts, not what was read before.
 *   <li>A dead message of a key is made RETRY, which holds the key for it. When an earlier one is to be sent first, it is
 *       HELD behind that; when an earlier one is dead, it is SCHEDULED for now: whether that one holds the key, the
 *       relay's route knows.
 *   <li>A cancelled message was in nobody's way: it is SCHEDULED.
 *   <li>When what is held behind a key loses the RETRY before it, the first of them takes that one's place: a relay that
 *       has not read it yet knows nothing of those behind.
 * </ol>
 */
final class ChangeWriter {

    static final int SECONDS = 5;

    private final Dialect dialect;
    private final DurableQueue queue;
    private final Handle handle;
    private final Operator operator;
    private final MessageFilter filter;
    private final Set<MessageId> promoted = new LinkedHashSet<>();

    /** @param filter that the action takes: states are looked at again under the lock */
    ChangeWriter(Dialect dialect, DurableQueue queue, Handle handle, Operator operator, MessageFilter filter) {
        this.dialect = dialect;
        this.queue = queue;
        this.handle = handle;
        this.operator = operator;
        this.filter = filter;
    }

    private record Row(
            long seq,
            MessageId id,
            MessageState state,
            @Nullable String key) {}

    /** What was held and took the place of a cancelled one. */
    Set<MessageId> promoted() {
        return promoted;
    }

    /**
     * Answers how many rows were changed.
     *
     * @param earlierPromoted what was read as RETRY and was HELD when this began
     */
    int change(
            MessageAction action, Duration delay, Collection<StoredMessage> messages, Set<MessageId> earlierPromoted) {
        Set<MessageState> taken = filter.states();
        List<Row> rows = lock(messages, earlierPromoted).stream()
                .filter(row -> taken.contains(row.state()))
                .sorted(Comparator.comparingLong(Row::seq))
                .toList();
        return switch (action) {
            case RETRY -> send(rows, Duration.ZERO, null);
            case DELAY -> send(rows, delay, said("Delayed"));
            case CANCEL -> cancel(rows);
            case DISCARD -> discard(rows);
        };
    }

    private List<Row> lock(Collection<StoredMessage> messages, Set<MessageId> wereHeld) {
        List<Row> rows = new ArrayList<>();
        if (messages.stream().anyMatch(message -> !message.state().isParked())) {
            rows.addAll(lock(queue.hot(), "'PENDING' AS state", messages));
        }
        for (Row row : lock(queue.parked(), "state", messages)) {
            boolean wasHeld = row.state() == MessageState.RETRY && wereHeld.contains(row.id());
            rows.add(wasHeld && !filter.states().contains(MessageState.HELD) ? as(row, MessageState.HELD) : row);
        }
        return rows;
    }

    private static Row as(Row row, MessageState state) {
        return new Row(row.seq(), row.id(), state, row.key());
    }

    private List<Row> lock(String table, String state, Collection<StoredMessage> messages) {
        String sql = dialect.lockByKey(
                "seq, message_id, ordering_key, " + state,
                table,
                "seq",
                messages.stream().map(StoredMessage::seq).toList(),
                Direct.andIds(dialect, messages.stream().map(StoredMessage::id).toList()));
        return handle.createQuery(sql)
                .setQueryTimeout(SECONDS)
                .map((row, context) -> new Row(
                        row.getLong("seq"),
                        dialect.messageId(row, "message_id"),
                        MessageState.valueOf(row.getString("state")),
                        row.getString("ordering_key")))
                .list();
    }

    private int send(List<Row> rows, Duration delay, @Nullable String said) {
        List<Row> retried = in(rows, MessageState.RETRY);
        List<Row> scheduled = in(rows, MessageState.SCHEDULED);
        List<Row> cancelled = in(rows, MessageState.CANCELLED);
        String due = dialect.nowPlus(micros(delay));
        // What is deferred for its destination's sake is made due by its reason: a delayed message has another.
        return (said == null
                        ? update(retried, MessageState.RETRY, "due_at = " + due)
                        : update(retried, MessageState.RETRY, "last_error = ?, due_at = " + due, said))
                + update(scheduled, MessageState.SCHEDULED, "due_at = " + dueInOrder(scheduled, delay))
                + begin(cancelled, MessageState.CANCELLED, MessageState.SCHEDULED, delay, said)
                + revive(in(rows, MessageState.DEAD), delay, said);
    }

    private int revive(List<Row> dead, Duration delay, @Nullable String said) {
        KeyOrder order = new KeyOrder(handle, dialect, queue);
        Map<String, MessageState> behind = new HashMap<>();
        Map<MessageState, List<Row>> byState = new EnumMap<>(MessageState.class);
        for (Row row : dead) {
            byState.computeIfAbsent(revived(order, row, behind), state -> new ArrayList<>())
                    .add(row);
        }
        return byState.entrySet().stream()
                .mapToInt(each -> begin(each.getValue(), MessageState.DEAD, each.getKey(), delay, said))
                .sum();
    }

    /** @param behind what becomes of the next of a key in this batch */
    private static MessageState revived(KeyOrder order, Row row, Map<String, MessageState> behind) {
        String key = row.key();
        if (key == null) {
            return MessageState.RETRY;
        }
        MessageState known = behind.get(key);
        if (known != null) {
            return known;
        }
        MessageState first = first(order, key, row.seq());
        behind.put(key, first == MessageState.SCHEDULED ? first : MessageState.HELD);
        return first;
    }

    /** A new series of attempts: the operator has removed what made the last one fail. */
    private int begin(List<Row> rows, MessageState from, MessageState to, Duration delay, @Nullable String said) {
        String set = "state = '" + to + "', attempts = 0, due_at = " + dueInOrder(rows, delay) + ", parked_at = "
                + dialect.now();
        return said == null ? update(rows, from, set) : update(rows, from, set + ", last_error = ?", said);
    }

    private static MessageState first(KeyOrder order, String key, long seq) {
        if (order.locksEarlier(key, seq)) {
            return MessageState.HELD;
        }
        return order.hasEarlierDead(key, seq) ? MessageState.SCHEDULED : MessageState.RETRY;
    }

    private int cancel(List<Row> rows) {
        String cancelled = "state = 'CANCELLED', last_error = ?, parked_at = " + dialect.now();
        int changed = park(in(rows, MessageState.PENDING));
        for (MessageState state : MessageState.values()) {
            if (state.isParked()) {
                changed += update(in(rows, state), state, cancelled, said("Cancelled"));
            }
        }
        KeyOrder order = new KeyOrder(handle, dialect, queue);
        in(rows, MessageState.RETRY).stream()
                .flatMap(row -> Optional.ofNullable(row.key()).stream())
                .distinct()
                .forEach(key -> passOn(order, key));
        return changed;
    }

    /** From the hot table; in flight, it may still be delivered, and its row is deleted then. */
    private int park(List<Row> rows) {
        if (rows.isEmpty()) {
            return 0;
        }
        String copied = queue.column() + ParkingWriter.COPIED + ", due_at";
        Direct.execute(
                handle,
                "INSERT INTO " + queue.parked() + " (" + copied + ", state, attempts, last_error, parked_at) SELECT "
                        + copied
                        + ", 'CANCELLED', 0, ?, " + dialect.now() + " FROM " + queue.hot() + " WHERE seq IN ("
                        + Direct.list(seqs(rows)) + ")" + queue.keepingFirst(dialect),
                said("Cancelled"));
        return Direct.execute(handle, dialect.deleteByKey(queue.hot(), "seq", seqs(rows), ""));
    }

    private void passOn(KeyOrder order, String key) {
        if (!order.hasRetry(key)) {
            order.lockFirstHeld(key).ifPresent(seq -> promote(key, seq));
        }
    }

    private void promote(String key, long seq) {
        List<Row> held = handle.createQuery("SELECT seq, message_id FROM " + queue.parked() + " WHERE seq = ?"
                        + " AND ordering_key = ? AND state = 'HELD'")
                .bind(0, seq)
                .bind(1, key)
                .map((row, context) ->
                        new Row(row.getLong("seq"), dialect.messageId(row, "message_id"), MessageState.HELD, key))
                .list();
        update(
                held,
                MessageState.HELD,
                "state = 'RETRY', due_at = " + dialect.now() + ", parked_at = " + dialect.now());
        held.forEach(row -> promoted.add(row.id()));
    }

    /** The deleting statement itself proves that nothing undelivered goes that an operator has not given up. */
    private int discard(List<Row> rows) {
        return rows.isEmpty()
                ? 0
                : Direct.execute(
                        handle,
                        dialect.deleteByKey(
                                queue.parked(),
                                "seq",
                                seqs(rows),
                                Direct.andIds(dialect, ids(rows)) + " AND state IN ('DEAD', 'CANCELLED')"));
    }

    private int update(List<Row> rows, MessageState from, String set, @Nullable Object... values) {
        return rows.isEmpty()
                ? 0
                : Direct.execute(
                        handle,
                        dialect.updateByKey(
                                queue.parked(),
                                set,
                                "seq",
                                seqs(rows),
                                Direct.andIds(dialect, ids(rows)) + " AND state = '" + from + "'"),
                        values);
    }

    /** Messages of a key are due in their order, a microsecond apart: a relay takes them up in that of their times. */
    private String dueInOrder(List<Row> rows, Duration delay) {
        if (rows.stream().allMatch(row -> row.key() == null)) {
            return dialect.nowPlus(micros(delay));
        }
        StringBuilder micros = new StringBuilder("(CASE seq");
        for (int i = 0; i < rows.size(); i++) {
            micros.append(" WHEN ").append(rows.get(i).seq()).append(" THEN ").append(delay.toNanos() / 1_000 + i);
        }
        return dialect.nowPlus(micros.append(" END)").toString());
    }

    private @Nullable String said(String done) {
        String reason = operator.reason() == null ? "." : ": " + operator.reason();
        return StoredText.head(done + " by " + operator.name() + reason, StoredText.MAX_ERROR);
    }

    private static String micros(Duration delay) {
        return String.valueOf(delay.toNanos() / 1_000);
    }

    private static List<Row> in(List<Row> rows, MessageState state) {
        return rows.stream().filter(row -> row.state() == state).toList();
    }

    private static List<Long> seqs(List<Row> rows) {
        return rows.stream().map(Row::seq).toList();
    }

    private static List<MessageId> ids(List<Row> rows) {
        return rows.stream().map(Row::id).toList();
    }
}
