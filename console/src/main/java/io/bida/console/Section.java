package io.bida.console;

import io.bida.message.BidaException;
import io.bida.relay.Housekeeping;
import io.bida.transport.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys below one point of a configuration. What is asked for is known, and {@link #refuseOthers} refuses the rest.
 * A wrong value is added to the problems and answered by a stand-in, so that reading goes on. For one thread.
 */
final class Section {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*([kKmMgG])[bB]");

    private final String path;
    private final Node.Mapping mapping;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String path, Node.Mapping mapping, Problems problems) {
        this.path = path;
        this.mapping = mapping;
        this.problems = problems;
    }

    String required(String key) {
        if (find(key) == null) {
            problem(path(key) + " is missing.");
            return "";
        }
        String text = optional(key).orElse(" ");
        if (text.isEmpty()) {
            problem(path(key) + " is empty.");
        }
        return text.strip();
    }

    Optional<String> optional(String key) {
        return Optional.ofNullable(read(key, null, "text", Node.Scalar::text));
    }

    int whole(String key, int otherwise, int from, int to) {
        return value(key, otherwise, "whole number from " + from + " to " + to, scalar -> {
            int number = Integer.parseInt(scalar.text());
            return number >= from && number <= to ? number : null;
        });
    }

    /** A whole number, or zero for off. */
    int wholeOrOff(String key, int otherwise, int from, int to) {
        return value(key, otherwise, "whole number from " + from + " to " + to + ", or off", scalar -> {
            int number = isOff(scalar) ? 0 : Integer.parseInt(scalar.text());
            return isOff(scalar) || (number >= from && number <= to) ? number : null;
        });
    }

    /** A number of bytes; empty when it is not written. */
    OptionalLong size(String key) {
        Long bytes = read(key, null, "size; write a number with KB, MB or GB, such as 64MB", scalar -> size(scalar));
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    private static @Nullable Long size(Node.Scalar scalar) {
        Matcher form = SIZE.matcher(scalar.text());
        if (!form.matches()) {
            return null;
        }
        int shift = 10 * (1 + "KMG".indexOf(form.group(2).toUpperCase(Locale.ROOT)));
        long bytes = Long.parseLong(form.group(1)) << shift;
        return bytes > 0 ? bytes : null;
    }

    /** The keys that are written here. */
    Set<String> keys() {
        return mapping.entries().keySet();
    }

    double number(String key, double otherwise) {
        return value(key, otherwise, "number", scalar -> {
            double number = Double.parseDouble(scalar.text());
            return Double.isFinite(number) ? number : null;
        });
    }

    Duration duration(String key, Duration otherwise) {
        return value(
                key,
                otherwise,
                "duration; write a number with ms, s, m, h or d, such as 5s",
                scalar -> Durations.parse(path(key), scalar.text()));
    }

    /** A duration, or zero for off. */
    Duration durationOrOff(String key, Duration otherwise) {
        return value(
                key,
                otherwise,
                "duration; write a number with ms, s, m, h or d, such as 5s, or off",
                scalar -> isOff(scalar) ? Duration.ZERO : Durations.parse(path(key), scalar.text()));
    }

    /** A Quartz cron expression, or {@link Housekeeping#OFF}. */
    String cronOrOff(String key, String otherwise) {
        String off = Housekeeping.OFF;
        return value(
                key,
                otherwise,
                "Quartz cron expression; write seconds, minutes, hours, days, months and weekdays, such as"
                        + " \"0 30 3 * * ?\", or off",
                scalar -> isOff(scalar) ? off : new Housekeeping(scalar.text(), off, off, off).history());
    }

    String oneOf(String key, String otherwise, Set<String> words) {
        return value(
                key,
                otherwise,
                String.join(" or ", words),
                scalar -> words.contains(scalar.text()) ? scalar.text() : null);
    }

    /** The section under a key; a key without a value opens an empty one; absent or off, none. */
    Optional<Section> section(String key) {
        Node node = entry(key);
        if (node == null || (node instanceof Node.Scalar scalar && isOff(scalar))) {
            return Optional.empty();
        }
        return Optional.of(below(path(key), node));
    }

    Section requiredSection(String key) {
        Node node = entry(key);
        if (node == null) {
            problem(path(key) + " is missing.");
            // What is missing below is not worth a further sentence.
            return new Section(path(key), new Node.Mapping(mapping.line(), Map.of()), new Problems(Path.of("")));
        }
        return below(path(key), node);
    }

    /** The section under each key that is written here. */
    Map<String, Section> sections() {
        Map<String, Section> sections = new LinkedHashMap<>();
        mapping.entries().forEach((key, node) -> sections.put(key, below(path(key), node)));
        return sections;
    }

    /** A list of sections. */
    List<Section> list(String key) {
        List<Section> sections = new ArrayList<>();
        Node node = find(key);
        if (node == null) {
            problem(path(key) + " is missing.");
        } else if (node instanceof Node.Listing listing) {
            for (Node item : listing.items()) {
                sections.add(below(path(key) + "[" + sections.size() + "]", item));
            }
        } else {
            problems.add(node.line(), path(key) + " is no list.");
        }
        return sections;
    }

    /** All that is written here but some keys, as it is. */
    Map<String, Object> others(Set<String> keys) {
        Map<String, Object> values = Plain.map(mapping);
        values.keySet().removeAll(keys);
        return values;
    }

    void knows(Set<String> keys) {
        known.addAll(keys);
    }

    void refuseOthers() {
        mapping.entries().forEach((key, node) -> {
            if (!known.contains(key)) {
                problems.add(node.line(), "unknown key " + path(key) + "; " + Nearest.hint(key, known));
            }
        });
    }

    void problem(String sentence) {
        problems.add(mapping.line(), sentence);
    }

    /** Of one key: its path, then what is wrong. */
    void problem(String key, String sentence) {
        Node node = mapping.entries().get(key);
        problems.add(node == null ? mapping.line() : node.line(), path(key) + ": " + sentence);
    }

    /** What a value says about itself when it is made, with its place. */
    <T> T make(T standIn, Supplier<T> value) {
        try {
            return value.get();
        } catch (BidaException e) {
            problem(path + ": " + e.getMessage());
            return standIn;
        }
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private <T> T value(String key, T otherwise, String kind, Function<Node.Scalar, @Nullable T> reader) {
        T value = read(key, otherwise, kind, reader);
        return value == null ? otherwise : value;
    }

    private <T> @Nullable T read(
            String key, @Nullable T otherwise, String kind, Function<Node.Scalar, @Nullable T> reader) {
        Node node = find(key);
        if (node == null) {
            return otherwise;
        }
        if (!(node instanceof Node.Scalar scalar)) {
            problems.add(node.line(), path(key) + " is no " + kind + ".");
            return otherwise;
        }
        T value = attempt(scalar, reader);
        if (value == null) {
            problems.add(node.line(), path(key) + ": '" + scalar.written() + "' is no " + kind + ".");
        }
        return value;
    }

    private static <T> @Nullable T attempt(Node.Scalar scalar, Function<Node.Scalar, @Nullable T> reader) {
        try {
            return reader.apply(scalar);
        } catch (NumberFormatException | BidaException e) {
            return null;
        }
    }

    private Section below(String place, Node node) {
        if (node instanceof Node.Mapping below) {
            return new Section(place, below, problems);
        }
        if (!node.isNothing()) {
            problems.add(node.line(), place + " has no keys below it.");
        }
        return new Section(place, new Node.Mapping(node.line(), Map.of()), problems);
    }

    private @Nullable Node find(String key) {
        Node node = entry(key);
        return node == null || node.isNothing() ? null : node;
    }

    private @Nullable Node entry(String key) {
        known.add(key);
        return mapping.entries().get(key);
    }

    boolean isOff(String key) {
        return entry(key) instanceof Node.Scalar scalar && isOff(scalar);
    }

    private static boolean isOff(Node.Scalar scalar) {
        return scalar.text().equals("off") || scalar.text().equals("false");
    }
}
