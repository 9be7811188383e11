package io.bida.outbox;

import io.bida.outbox.MessageFilter.AtLeastAttempts;
import io.bida.outbox.MessageFilter.Biz;
import io.bida.outbox.MessageFilter.Created;
import io.bida.outbox.MessageFilter.InnerId;
import io.bida.outbox.MessageFilter.LastError;
import io.bida.outbox.MessageFilter.OlderThan;
import io.bida.outbox.MessageFilter.OrderingKey;
import io.bida.outbox.MessageFilter.Term;
import io.bida.outbox.MessageFilter.Topic;
import io.bida.outbox.MessageFilter.YoungerThan;
import io.bida.sql.Dialect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages by a filter, in the order of their numbers. What an index serves is read by it; of the rows that are
 * left a bounded number is looked through, then the page ends and says where to go on. Immutable and thread-safe.
 */
final class MessageSearch {

    /** Rows that one statement looks through. */
    static final int LOOK = 10_000;

    /** Statements after which a search that has found too little answers all the same. */
    private static final int ROUNDS = 10;

    static final int SECONDS = 1;

    private static final String COMMON =
            "seq, message_id, topic, type, COALESCE(scene, type) AS scene, biz_id, ordering_key, created_at, due_at,"
                    + " expires_at, ";
    private static final String PARKED = COMMON + "state, attempts, last_error, parked_at";
    private static final String HOT = COMMON + "'PENDING' AS state, 0 AS attempts, NULL AS last_error";

    private final Dialect dialect;
    private final DurableQueue queue;

    MessageSearch(Dialect dialect, DurableQueue queue) {
        this.dialect = dialect;
        this.queue = queue;
    }

    /** One way to rows: a table, and the condition that an index serves. */
    private record Source(boolean hot, String condition, List<Object> values) {}

    private String table(Source source) {
        return source.hot() ? queue.hot() : queue.parked();
    }

    private Where after(Source source, long seq) {
        Where where = new Where(queue.and(dialect));
        if (!source.condition().isEmpty()) {
            where.and(source.condition(), source.values().toArray());
        }
        return where.and("seq > ?", seq);
    }

    /** What a source gave, and the number up to which it gave all. */
    private record Found(List<StoredMessage> messages, long upTo) {}

    /** Looks on until the page is full, there are no more, or enough was looked through. */
    MessagePage find(Handle handle, MessageFilter filter, long after, int limit) {
        List<StoredMessage> found = new ArrayList<>();
        Long next = after;
        for (int round = 0; round < ROUNDS && next != null && found.size() < limit; round++) {
            MessagePage page = look(handle, filter, next, limit - found.size());
            found.addAll(page.messages());
            next = page.next();
        }
        return new MessagePage(found, next);
    }

    private MessagePage look(Handle handle, MessageFilter filter, long after, int limit) {
        List<StoredMessage> all = new ArrayList<>();
        long upTo = Long.MAX_VALUE;
        for (Source source : sources(filter)) {
            Found found = read(handle, source, filter, after, limit);
            all.addAll(found.messages());
            upTo = Math.min(upTo, found.upTo());
        }
        all.sort(Comparator.comparingLong(StoredMessage::seq));
        if (all.size() > limit) {
            upTo = Math.min(upTo, all.get(limit).seq() - 1);
        }
        long last = upTo;
        List<StoredMessage> page = all.stream()
                .filter(message -> message.seq() <= last && fits(filter, message))
                .toList();
        return new MessagePage(page, last == Long.MAX_VALUE ? null : last);
    }

    private Found read(Handle handle, Source source, MessageFilter filter, long after, int limit) {
        long horizon = horizon(handle, source, after).orElse(Long.MAX_VALUE);
        Where where = after(source, after).and("seq <= ?", horizon);
        filter.terms().forEach(term -> narrow(where, term));
        narrowStates(where, source, filter);
        String sql = "SELECT " + (source.hot() ? HOT : PARKED) + " FROM " + table(source) + where.text()
                + " ORDER BY seq LIMIT " + (limit + 1);
        List<StoredMessage> rows = where.bindTo(handle.createQuery(sql).setQueryTimeout(SECONDS))
                .map((row, context) -> message(row))
                .list();
        // One number may be there twice, after the hot table was made anew: none of them is parted from the other.
        return new Found(rows, rows.size() > limit ? rows.get(limit).seq() - 1 : horizon);
    }

    /** The number of the last row that one look reaches; empty when it reaches all. */
    private Optional<Long> horizon(Handle handle, Source source, long after) {
        Where where = after(source, after);
        String sql = "SELECT seq FROM " + table(source) + where.text() + " ORDER BY seq LIMIT 1 OFFSET " + (LOOK - 1);
        return where.bindTo(handle.createQuery(sql).setQueryTimeout(SECONDS))
                .mapTo(Long.class)
                .findOne();
    }

    private List<Source> sources(MessageFilter filter) {
        Set<MessageState> states = filter.states();
        List<Source> sources = new ArrayList<>();
        if (states.contains(MessageState.PENDING) && mayBePending(filter)) {
            sources.add(new Source(true, "", List.of()));
        }
        Set<MessageState> parked = EnumSet.noneOf(MessageState.class);
        states.stream().filter(MessageState::isParked).forEach(parked::add);
        if (parked.isEmpty()) {
            return sources;
        }
        Source served = served(filter);
        if (served != null) {
            sources.add(served);
        } else if (parked.size() == MessageState.values().length - 1) {
            sources.add(new Source(false, "", List.of()));
        } else {
            parked.forEach(state -> sources.add(new Source(false, "state = '" + state + "'", List.of())));
        }
        return sources;
    }

    private static boolean mayBePending(MessageFilter filter) {
        return filter.first(LastError.class).isEmpty()
                && filter.of(AtLeastAttempts.class).stream().allMatch(term -> term.attempts() <= 0);
    }

    private @Nullable Source served(MessageFilter filter) {
        Optional<InnerId> id = filter.first(InnerId.class);
        if (id.isPresent()) {
            return new Source(
                    false, "message_id = ?", List.of(dialect.bind(id.get().id())));
        }
        Optional<Biz> biz = filter.first(Biz.class);
        if (biz.isPresent()) {
            return new Source(false, "biz_id = ?", List.of(biz.get().value()));
        }
        return filter.first(OrderingKey.class)
                .map(key -> new Source(false, "ordering_key = ?", List.of(key.key())))
                .orElse(null);
    }

    private static void narrowStates(Where where, Source source, MessageFilter filter) {
        if (!source.hot()) {
            where.and(filter.states().stream()
                    .filter(MessageState::isParked)
                    .map(Enum::name)
                    .collect(Collectors.joining("', '", "state IN ('", "')")));
        }
    }

    private void narrow(Where where, Term term) {
        if (term instanceof InnerId id) {
            where.and("message_id = ?", dialect.bind(id.id()));
        } else if (term instanceof Biz biz) {
            where.and("biz_id = ?", biz.value());
            if (biz.scene() != null) {
                where.and("COALESCE(scene, type) = ?", biz.scene());
            }
        } else if (term instanceof OrderingKey key) {
            where.and("ordering_key = ?", key.key());
        } else if (term instanceof Topic topic) {
            where.and("topic LIKE ? ESCAPE '!'", new TopicPattern(topic.pattern()).like());
        } else if (term instanceof LastError error) {
            where.and("LOWER(last_error) LIKE ? ESCAPE '!'", contains(error.part()));
        } else if (term instanceof AtLeastAttempts least) {
            if (least.attempts() > 0) {
                where.and("attempts >= ?", least.attempts());
            }
        } else if (term instanceof OlderThan older) {
            where.and("created_at < " + ago(older.age()));
        } else if (term instanceof YoungerThan younger) {
            where.and("created_at > " + ago(younger.age()));
        } else if (term instanceof Created created) {
            narrow(where, created);
        }
    }

    private void narrow(Where where, Created created) {
        if (created.from() != null) {
            where.and("created_at >= ?", dialect.bind(created.from()));
        }
        if (created.to() != null) {
            where.and("created_at < ?", dialect.bind(created.to()));
        }
    }

    private static String contains(String part) {
        return "%" + part.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + "%";
    }

    private String ago(Duration age) {
        return dialect.nowPlus(String.valueOf(-age.toNanos() / 1_000));
    }

    /** What the databases compare loosely: patterns, and on some of them trailing spaces. */
    private static boolean fits(MessageFilter filter, StoredMessage message) {
        return filter.of(Topic.class).stream()
                        .allMatch(topic -> new TopicPattern(topic.pattern()).fits(message.topic()))
                && filter.of(OrderingKey.class).stream()
                        .allMatch(key -> key.key().equals(message.orderingKey()))
                && filter.of(Biz.class).stream()
                        .allMatch(biz -> biz.value().equals(message.bizId())
                                && (biz.scene() == null || biz.scene().equals(message.scene())));
    }

    private StoredMessage message(ResultSet row) throws SQLException {
        MessageState state = MessageState.valueOf(row.getString("state"));
        return new StoredMessage(
                row.getLong("seq"),
                dialect.messageId(row, "message_id"),
                state,
                row.getString("topic"),
                row.getString("type"),
                row.getString("scene"),
                row.getString("biz_id"),
                row.getString("ordering_key"),
                row.getInt("attempts"),
                row.getString("last_error"),
                dialect.instant(row, "created_at"),
                dialect.instant(row, "due_at"),
                dialect.instant(row, "expires_at"),
                state.isParked() ? dialect.instant(row, "parked_at") : null);
    }
}
