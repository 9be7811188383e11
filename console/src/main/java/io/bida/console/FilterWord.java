package io.bida.console;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import io.bida.outbox.MessageFilter;
import io.bida.outbox.MessageFilter.AtLeastAttempts;
import io.bida.outbox.MessageFilter.Biz;
import io.bida.outbox.MessageFilter.Created;
import io.bida.outbox.MessageFilter.InnerId;
import io.bida.outbox.MessageFilter.LastError;
import io.bida.outbox.MessageFilter.OlderThan;
import io.bida.outbox.MessageFilter.OrderingKey;
import io.bida.outbox.MessageFilter.State;
import io.bida.outbox.MessageFilter.Term;
import io.bida.outbox.MessageFilter.Topic;
import io.bida.outbox.MessageFilter.YoungerThan;
import io.bida.outbox.MessageState;
import io.bida.transport.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** One word of a filter: a qualifier and its value. */
final class FilterWord {

    static final String KNOWN =
            "id:ID  biz:[SCENE/]ID  key:KEY  topic:PATTERN  state:STATE[,STATE]  error:TEXT  attempts>=N  age>10m  age<1h"
                    + "  created:FROM..TO";

    private static final Pattern FORM = Pattern.compile("([A-Za-z]+)(:|>=|>|<)(.+)", Pattern.DOTALL);
    private static final List<String> COLONS = List.of("id", "biz", "key", "topic", "state", "error", "created");
    private static final List<String> COMPARED = List.of("age", "attempts");
    private static final List<String> QUALIFIERS =
            Stream.concat(COLONS.stream(), COMPARED.stream()).toList();

    private FilterWord() {}

    /** All words together; one that is none is a usage error of the command. */
    static MessageFilter filter(CommandLine command, List<String> words) {
        try {
            return new MessageFilter(words.stream().map(FilterWord::parse).toList());
        } catch (BidaException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
    }

    private static Term parse(String word) {
        Matcher form = FORM.matcher(word);
        if (!form.matches()) {
            throw new BidaException("'" + word + "' is no filter word; known are " + KNOWN + ".");
        }
        String qualifier = form.group(1).toLowerCase(Locale.ROOT);
        String sign = form.group(2);
        String value = form.group(3);
        if (!QUALIFIERS.contains(qualifier)) {
            throw new BidaException(
                    "'" + form.group(1) + "' qualifies no message; " + Nearest.hint(qualifier, QUALIFIERS));
        }
        if (COLONS.contains(qualifier) != sign.equals(":")) {
            throw new BidaException(
                    "'" + word + "': " + qualifier + " does not take '" + sign + "'; known are " + KNOWN + ".");
        }
        return switch (qualifier) {
            case "id" -> new InnerId(MessageId.parse(value));
            case "biz" -> biz(value);
            case "key" -> new OrderingKey(value);
            case "topic" -> new Topic(value);
            case "state" -> new State(states(value));
            case "error" -> new LastError(value);
            case "created" -> created(value);
            case "attempts" -> attempts(word, sign, value);
            default -> age(word, sign, value);
        };
    }

    private static Term biz(String value) {
        int slash = value.indexOf('/');
        String id = value.substring(slash + 1);
        if (id.isEmpty()) {
            throw new BidaException("biz: names a scene and no id; write biz:SCENE/ID, or biz:ID for any scene.");
        }
        return new Biz(slash < 1 ? null : value.substring(0, slash), id);
    }

    private static Set<MessageState> states(String value) {
        Set<MessageState> states = EnumSet.noneOf(MessageState.class);
        for (String name : value.split(",", -1)) {
            states.add(Stream.of(MessageState.values())
                    .filter(state -> state.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new BidaException("'" + name + "' is no state; "
                            + Nearest.hint(
                                    name.toUpperCase(Locale.ROOT),
                                    Stream.of(MessageState.values())
                                            .map(Enum::name)
                                            .toList()))));
        }
        return states;
    }

    private static Term attempts(String word, String sign, String value) {
        if (sign.equals("<") || !value.matches("\\d{1,6}")) {
            throw new BidaException("'" + word + "': write a number of attempts at least, such as attempts>=5.");
        }
        return new AtLeastAttempts(Integer.parseInt(value) + (sign.equals(">") ? 1 : 0));
    }

    private static Term age(String word, String sign, String value) {
        if (sign.equals(">=")) {
            throw new BidaException("'" + word + "': write age>" + value + " or age<" + value + ".");
        }
        return sign.equals(">")
                ? new OlderThan(Durations.parse("age", value))
                : new YoungerThan(Durations.parse("age", value));
    }

    private static Term created(String value) {
        String[] ends = value.split("\\.\\.", -1);
        if (ends.length != 2 || (ends[0].isEmpty() && ends[1].isEmpty())) {
            throw new BidaException("'created:" + value + "': write FROM..TO, such as 10:00..10:15 (UTC, today) or"
                    + " 2026-11-25T10:00:00Z.. .");
        }
        return new Created(time(ends[0]), time(ends[1]));
    }

    /** A full time, or one of today; UTC. */
    static @Nullable Instant time(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.now(ZoneOffset.UTC)
                            .atTime(LocalTime.parse(text))
                            .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new BidaException("'" + text + "' is no time; write 10:15 (UTC, today) or 2026-11-25T10:15:00Z.", e);
        }
    }
}
