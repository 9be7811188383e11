package io.bida.inbox;

import io.bida.message.BizId;
import io.bida.message.Message;
import io.bida.sql.Dialect;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** The ledger of one consumer group, {@code bida_inbox}, and what contradicted it. Immutable and thread-safe. */
final class InboxStore {

    /** More rows or ids in one statement gain nothing, and PostgreSQL takes no more than 65,535 parameters. */
    private static final int MOST_IN_A_STATEMENT = 500;

    private static final Comparator<String> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    /** The order of the key: who registers many in one order never waits for one who waits for him. */
    private static final Comparator<Message> BY_KEY = Comparator.comparing(Message::scene, BY_BYTES)
            .thenComparing(message -> message.bizId().value(), BY_BYTES);

    private static final List<String> PASSING = List.of("bida_inbox", "bida_inbox_conflict", "bida_inbox_version");

    private static final String REGISTER = """
            INSERT INTO bida_inbox
                (consumer_group, scene, biz_id, message_id, payload_hash, handled_at, expires_at)
            VALUES\s""";

    private static final String REGISTERED =
            "SELECT 1 FROM bida_inbox WHERE consumer_group = ? AND scene = ? AND biz_id = ?";

    private static final String WENT_ON =
            "a statement of the handler failed, the transaction with it, and the handler went on";

    private final Dialect dialect;
    private final String group;
    private final String row;
    private final String current;
    private final String earlier;
    private final String keep;
    private final String note;

    InboxStore(Dialect dialect, String group, Duration retention) {
        this.dialect = dialect;
        this.group = group;
        String end = after(dialect, retention);
        this.row = "(?, ?, ?, ?, ?, %s, %s)".formatted(dialect.now(), end);
        this.current = """
                SELECT payload_hash, outcome
                FROM bida_inbox
                WHERE consumer_group = ? AND scene = ? AND biz_id = ?
                %s""".formatted(dialect.currentRead());
        this.earlier = """
                SELECT scene, biz_id, payload_hash, outcome
                FROM bida_inbox %s
                WHERE\s""".formatted(dialect.keepToKey());
        this.keep = """
                UPDATE bida_inbox %s
                SET outcome = ?
                WHERE consumer_group = ? AND scene = ? AND biz_id = ?""".formatted(dialect.keepToKey());
        this.note = """
                INSERT INTO bida_inbox_conflict
                    (consumer_group, scene, biz_id, payload_hash, handled_hash, message_id, noted_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, %s, %s)
                %s""".formatted(dialect.now(), end, dialect.keepExisting("bida_inbox_conflict", "message_id"));
    }

    /** The time that lies so long after now, in SQL. */
    static String after(Dialect dialect, Duration time) {
        return dialect.nowPlus(
                String.valueOf(TimeUnit.SECONDS.toMicros(time.toSeconds()) + time.toNanosPart() / 1_000));
    }

    Dialect dialect() {
        return dialect;
    }

    /**
     * Writes the message into the ledger, after waiting for whoever is writing the same one.
     *
     * @return whether it is new; false when its biz-id is there already
     */
    boolean register(Handle tx, Message message) throws SQLException {
        return insert(tx, List.of(message));
    }

    /**
     * Writes messages into the ledger, each biz-id once.
     *
     * @return whether all are new; when not, some may have been written
     */
    boolean register(Handle tx, List<Message> messages) throws SQLException {
        List<Message> byKey = messages.stream().sorted(BY_KEY).toList();
        for (List<Message> chunk : chunks(byKey)) {
            if (!insert(tx, chunk)) {
                return false;
            }
        }
        return true;
    }

    /** Keeps what the handler said of messages that were registered in this transaction. */
    void keep(Handle tx, Map<BizId, String> outcomes) {
        try (var update = tx.prepareBatch(keep)) {
            outcomes.forEach((bizId, outcome) -> new Binding<>(update, dialect)
                    .value(outcome)
                    .id(group)
                    .id(bizId.scene())
                    .id(bizId.value())
                    .statement()
                    .add());
            update.execute();
        }
    }

    /**
     * Makes sure that what was registered in this transaction will be committed with the handler's work. A handler may
     * swallow the error of a failed statement: after a deadlock MySQL then goes on without all that was done before, the
     * entry too; after any error PostgreSQL would answer the commit with a rollback, and refuses the statement. Where it
     * is known that nothing failed, nothing is asked.
     */
    void checkRegistered(Handle tx, Message message) {
        if (WatchedConnection.isWhole(tx.getConnection())) {
            return;
        }
        boolean registered;
        try (var select = tx.createQuery(REGISTERED)) {
            registered = new Binding<>(select, dialect)
                    .id(group)
                    .id(message.scene())
                    .id(message.bizId().value())
                    .statement()
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent();
        } catch (UnableToExecuteStatementException e) {
            throw new Judge.LostTransaction(WENT_ON, e);
        }
        if (!registered) {
            throw new Judge.LostTransaction(WENT_ON, null);
        }
    }

    /** The entry under that biz-id as it is now; empty when it was purged meanwhile. */
    Optional<Entry> earlier(Handle tx, Message message) {
        try (var select = tx.createQuery(current)) {
            return new Binding<>(select, dialect)
                    .id(group)
                    .id(message.scene())
                    .id(message.bizId().value())
                    .statement()
                    .map((row, context) -> Entry.of(row.getBytes(1), row.getString(2)))
                    .findOne();
        }
    }

    /** The entries of those messages that were handled before; nothing is locked and nobody waited for. */
    Map<BizId, Entry> earlier(Handle tx, List<Message> messages) {
        Map<BizId, Entry> entries = new HashMap<>();
        for (List<Message> chunk : chunks(messages)) {
            Map<String, Set<String>> ids = chunk.stream()
                    .collect(Collectors.groupingBy(
                            Message::scene, Collectors.mapping(m -> m.bizId().value(), Collectors.toSet())));
            readInto(entries, tx, ids);
        }
        return entries;
    }

    /** Deletes the oldest rows, of any group, whose time has passed; answers how many. */
    int purge(Handle tx, int most) {
        int rows = 0;
        for (String table : PASSING) {
            if (rows < most) {
                rows += tx.execute(
                        dialect.deleteFirst(table, "expires_at < " + dialect.now(), "expires_at", most - rows));
            }
        }
        return rows;
    }

    /**
     * Writes a message into {@code bida_inbox_conflict} whose biz-id was handled before with another payload; that payload
     * stands there once however often it comes.
     *
     * @return whether it had not been there
     */
    boolean note(Handle tx, Message message, Entry earlier) {
        try (var insert = tx.createUpdate(note)) {
            return new Binding<>(insert, dialect)
                            .id(group)
                            .id(message.scene())
                            .id(message.bizId().value())
                            .value(message.payload().hash())
                            .value(HexFormat.of().parseHex(earlier.hash()))
                            .value(dialect.bind(message.id()))
                            .statement()
                            .execute()
                    == 1;
        }
    }

    private void readInto(Map<BizId, Entry> entries, Handle tx, Map<String, Set<String>> ids) {
        String where = ids.values().stream()
                .map(each ->
                        "(consumer_group = ? AND scene = ? AND biz_id IN (?" + ", ?".repeat(each.size() - 1) + "))")
                .collect(Collectors.joining(" OR "));
        try (var select = tx.createQuery(earlier + where)) {
            Binding<?> binding = new Binding<>(select, dialect);
            ids.forEach((scene, each) -> {
                binding.id(group).id(scene);
                each.forEach(binding::id);
            });
            select.map((row, context) -> Map.entry(
                            new BizId(dialect.identity(row, 1), dialect.identity(row, 2)),
                            Entry.of(row.getBytes(3), row.getString(4))))
                    .forEach(found -> entries.put(found.getKey(), found.getValue()));
        }
    }

    private boolean insert(Handle tx, List<Message> messages) throws SQLException {
        String rows = row + (", " + row).repeat(messages.size() - 1);
        List<Object> parameters = new ArrayList<>();
        for (Message message : messages) {
            parameters.add(dialect.identity(group));
            parameters.add(dialect.identity(message.scene()));
            parameters.add(dialect.identity(message.bizId().value()));
            parameters.add(dialect.bind(message.id()));
            parameters.add(message.payload().hash());
        }
        return NewRows.insert(tx, dialect, REGISTER + rows, messages.size(), parameters);
    }

    private static List<List<Message>> chunks(List<Message> messages) {
        List<List<Message>> chunks = new ArrayList<>();
        for (int from = 0; from < messages.size(); from += MOST_IN_A_STATEMENT) {
            chunks.add(messages.subList(from, Math.min(messages.size(), from + MOST_IN_A_STATEMENT)));
        }
        return chunks;
    }
}
