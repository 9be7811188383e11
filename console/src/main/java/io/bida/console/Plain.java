package io.bida.console;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A {@link Node} as plain text, number, truth value, map or list: the form that transports are given. */
final class Plain {

    private Plain() {}

    static Object of(Node node) {
        if (node instanceof Node.Mapping mapping) {
            return map(mapping);
        }
        if (node instanceof Node.Listing listing) {
            return listing.items().stream()
                    .filter(item -> !item.isNothing())
                    .map(Plain::of)
                    .toList();
        }
        return Objects.requireNonNull(((Node.Scalar) node).value());
    }

    /** Keys without a value are left out. */
    static Map<String, Object> map(Node.Mapping mapping) {
        Map<String, Object> values = new LinkedHashMap<>();
        mapping.entries().forEach((key, node) -> {
            if (!node.isNothing()) {
                values.put(key, of(node));
            }
        });
        return values;
    }
}
