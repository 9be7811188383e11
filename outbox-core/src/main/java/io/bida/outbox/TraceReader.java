package io.bida.outbox;

import io.bida.message.MessageId;
import io.bida.message.Payload;
import io.bida.outbox.MessageFilter.InnerId;
import io.bida.outbox.MessageFilter.State;
import io.bida.outbox.MessageTrace.Body;
import io.bida.outbox.MessageTrace.Content;
import io.bida.outbox.MessageTrace.Delivered;
import io.bida.outbox.MessageTrace.Failure;
import io.bida.sql.Dialect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Puts together what the tables know of one message. Immutable and thread-safe. */
final class TraceReader {

    private static final int MOST_FAILURES = 1_000;
    private static final int HISTORY_ROUNDS = 20;

    /** Searches of the hot table, after which the rest of it is left unseen: some seconds of work. */
    private static final int HOT_ROUNDS = 10;

    private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(1);
    private static final int UUID_WITH_TIME = 7;

    private static final Set<MessageState> PARKED =
            Arrays.stream(MessageState.values()).filter(MessageState::isParked).collect(Collectors.toUnmodifiableSet());

    private static final String BY_KEY = " WHERE seq = :seq AND message_id = :id";

    private final Dialect dialect;
    private final DurableQueue queue;
    private final MessageSearch search;

    TraceReader(Dialect dialect, DurableQueue queue) {
        this.dialect = dialect;
        this.queue = queue;
        this.search = new MessageSearch(dialect, queue);
    }

    MessageTrace read(Handle handle, MessageId id) {
        Sight sight = look(handle, id);
        Optional<StoredMessage> message = sight.message();
        return new MessageTrace(
                id,
                message,
                sight.unseenAfter(),
                message.flatMap(stored -> body(handle, stored)),
                message.isPresent() || queue.isShared() ? Optional.empty() : delivered(handle, id),
                failures(handle, id),
                message.flatMap(stored -> blocker(handle, stored)),
                message.flatMap(stored -> relay(handle, stored)),
                now(handle));
    }

    Instant now(Handle handle) {
        return handle.createQuery("SELECT " + dialect.now() + " AS now_at")
                .setQueryTimeout(MessageSearch.SECONDS)
                .map((row, context) -> Objects.requireNonNull(dialect.instant(row, "now_at")))
                .one();
    }

    Optional<Content> content(Handle handle, StoredMessage message) {
        return byKey(handle, "headers, payload", message)
                .map((row, context) -> new Content(row.getString("headers"), Payload.wrap(row.getBytes("payload"))))
                .findFirst();
    }

    Optional<StoredMessage> message(Handle handle, MessageId id) {
        return look(handle, id).message();
    }

    /**
     * What was seen of an id.
     *
     * @param unseenAfter the number after which the hot table was not looked through; null when all of it was
     */
    private record Sight(
            Optional<StoredMessage> message, @Nullable Long unseenAfter) {}

    /**
     * First where an index tells: the hot table may be long, and is looked through from its beginning. Once more at the
     * end, for what a relay parked meanwhile.
     */
    private Sight look(Handle handle, MessageId id) {
        MessageFilter wanted = MessageFilter.ALL.and(new InnerId(id));
        MessageFilter parked = wanted.and(new State(PARKED));
        Optional<StoredMessage> found = first(handle, parked);
        Long next = Long.MIN_VALUE;
        for (int round = 0; found.isEmpty() && round < HOT_ROUNDS && next != null; round++) {
            MessagePage page = search.find(handle, wanted.and(new State(Set.of(MessageState.PENDING))), next, 1);
            found = page.messages().stream().findFirst();
            next = page.next();
        }
        found = found.or(() -> first(handle, parked));
        return new Sight(found, found.isPresent() ? null : next);
    }

    private Optional<Body> body(Handle handle, StoredMessage message) {
        return byKey(handle, "content_type, OCTET_LENGTH(payload) AS bytes", message)
                .map((row, context) -> new Body(row.getString("content_type"), row.getLong("bytes")))
                .findFirst();
    }

    private Query byKey(Handle handle, String columns, StoredMessage message) {
        return handle.createQuery("SELECT " + columns + " FROM " + table(message) + BY_KEY)
                .setQueryTimeout(MessageSearch.SECONDS)
                .bind("seq", message.seq())
                .bind("id", dialect.bind(message.id()));
    }

    private Optional<String> relay(Handle handle, StoredMessage message) {
        return handle.createQuery("SELECT owner FROM " + queue.leases() + " WHERE owner IS NOT NULL AND expires_at > "
                        + dialect.now() + queue.and(dialect) + " AND shard IN (SELECT shard FROM " + table(message)
                        + BY_KEY + ")")
                .setQueryTimeout(MessageSearch.SECONDS)
                .bind("seq", message.seq())
                .bind("id", dialect.bind(message.id()))
                .mapTo(String.class)
                .findFirst();
    }

    private String table(StoredMessage message) {
        return message.state().isParked() ? queue.parked() : queue.hot();
    }

    /** What is to be sent again stands before all that is held; else the dead message may. */
    private Optional<StoredMessage> blocker(Handle handle, StoredMessage message) {
        if (message.state() != MessageState.HELD || message.orderingKey() == null) {
            return Optional.empty();
        }
        return first(handle, message.orderingKey(), MessageState.RETRY)
                .or(() -> first(handle, message.orderingKey(), MessageState.DEAD)
                        .filter(dead -> dead.seq() < message.seq()))
                .or(() -> first(handle, message.orderingKey(), MessageState.HELD)
                        .filter(held -> held.seq() < message.seq()));
    }

    private Optional<StoredMessage> first(Handle handle, @Nullable String key, MessageState state) {
        return first(
                handle,
                MessageFilter.ALL
                        .and(new MessageFilter.OrderingKey(Objects.requireNonNull(key)))
                        .and(new State(Set.of(state))));
    }

    private Optional<StoredMessage> first(Handle handle, MessageFilter filter) {
        return search.find(handle, filter, Long.MIN_VALUE, 1).messages().stream()
                .findFirst();
    }

    private List<Failure> failures(Handle handle, MessageId id) {
        return handle.createQuery("""
                        SELECT attempt, at, node, outcome, duration_ms, error FROM %s
                        WHERE message_id = :id%s ORDER BY at, attempt LIMIT :most""".formatted(queue.attempts(), queue.and(dialect)))
                .setQueryTimeout(MessageSearch.SECONDS)
                .bind("id", dialect.bind(id))
                .bind("most", MOST_FAILURES)
                .map((row, context) -> new Failure(
                        row.getInt("attempt"),
                        dialect.instant(row, "at"),
                        row.getString("node"),
                        row.getString("outcome"),
                        Duration.ofMillis(row.getLong("duration_ms")),
                        row.getString("error")))
                .list();
    }

    /**
     * The history has no index but that of its time, for it is written with every delivery: it is looked through from the
     * time that the id tells, or from its end.
     */
    private Optional<Delivered> delivered(Handle handle, MessageId id) {
        Instant from =
                Instant.ofEpochMilli(id.uuid().getMostSignificantBits() >>> 16).minus(CLOCKS_DIFFER_BY);
        // One whose time is to come only looks like one with a time: a database makes such ids.
        if (id.uuid().version() != UUID_WITH_TIME || from.isAfter(now(handle))) {
            return inHistory(handle, id, " ORDER BY delivered_at DESC LIMIT " + MessageSearch.LOOK, null);
        }
        for (int round = 0; round < HISTORY_ROUNDS; round++) {
            Optional<Delivered> found =
                    inHistory(handle, id, " ORDER BY delivered_at LIMIT " + MessageSearch.LOOK, from);
            Optional<Instant> next = found.isPresent() ? Optional.empty() : historyAfter(handle, from);
            if (next.isEmpty() || next.get().equals(from)) {
                return found;
            }
            from = next.get();
        }
        return Optional.empty();
    }

    private Optional<Delivered> inHistory(Handle handle, MessageId id, String order, @Nullable Instant from) {
        String sql = "SELECT * FROM (SELECT * FROM bida_outbox_history"
                + (from == null ? "" : " WHERE delivered_at >= :from") + order + ") AS looked WHERE message_id = :id";
        var query =
                handle.createQuery(sql).setQueryTimeout(MessageSearch.SECONDS).bind("id", dialect.bind(id));
        if (from != null) {
            query.bind("from", dialect.bind(from));
        }
        return query.map((row, context) -> delivered(row)).findFirst();
    }

    private Optional<Instant> historyAfter(Handle handle, Instant from) {
        return handle.createQuery(
                        "SELECT delivered_at FROM bida_outbox_history WHERE delivered_at >= :from ORDER BY delivered_at"
                                + " LIMIT 1 OFFSET " + (MessageSearch.LOOK - 1))
                .setQueryTimeout(MessageSearch.SECONDS)
                .bind("from", dialect.bind(from))
                .map((row, context) -> Objects.requireNonNull(dialect.instant(row, "delivered_at")))
                .findFirst();
    }

    private Delivered delivered(ResultSet row) throws SQLException {
        return new Delivered(
                row.getString("topic"),
                row.getString("scene"),
                row.getString("biz_id"),
                row.getString("ordering_key"),
                dialect.instant(row, "created_at"),
                dialect.instant(row, "delivered_at"),
                row.getInt("attempts"),
                row.getString("proof"),
                row.getString("node"));
    }
}
