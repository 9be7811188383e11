package io.bida.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts the environment's values where a configuration says <code>${NAME}</code>. For one thread. */
final class Environment {

    /** Answers null for a variable that is not set. */
    interface Variables {
        @Nullable String get(String name);
    }

    private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Variables variables;
    private final Problems problems;

    Environment(Variables variables, Problems problems) {
        this.variables = variables;
        this.problems = problems;
    }

    Node.Mapping resolve(Node.Mapping root) {
        return mapping(root, key -> key);
    }

    private Node resolve(String path, Node node) {
        if (node instanceof Node.Mapping mapping) {
            return mapping(mapping, key -> path + "." + key);
        }
        if (node instanceof Node.Listing listing) {
            return listing(path, listing);
        }
        return node instanceof Node.Scalar scalar ? scalar(path, scalar) : node;
    }

    private Node.Mapping mapping(Node.Mapping mapping, UnaryOperator<String> path) {
        Map<String, Node> entries = new LinkedHashMap<>();
        mapping.entries().forEach((key, value) -> entries.put(key, resolve(path.apply(key), value)));
        return new Node.Mapping(mapping.line(), entries);
    }

    private Node.Listing listing(String path, Node.Listing listing) {
        List<Node> items = new ArrayList<>();
        for (Node item : listing.items()) {
            items.add(resolve(path + "[" + items.size() + "]", item));
        }
        return new Node.Listing(listing.line(), items);
    }

    private Node.Scalar scalar(String path, Node.Scalar scalar) {
        if (!(scalar.value() instanceof String text)) {
            return scalar;
        }
        Matcher place = PLACE.matcher(text);
        return new Node.Scalar(
                scalar.line(),
                scalar.written(),
                place.replaceAll(found -> Matcher.quoteReplacement(value(path, scalar.line(), found.group(1)))));
    }

    private String value(String path, int line, String name) {
        if (!NAME.matcher(name).matches()) {
            problems.add(line, path + ": what stands between ${ and } is no name of an environment variable.");
            return "";
        }
        String value = variables.get(name);
        if (value == null) {
            problems.add(line, path + " needs the environment variable " + name + ", which is not set.");
            return "";
        }
        return value;
    }
}
