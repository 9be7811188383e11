package io.bida.console;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One value of a configuration file and where it stands. */
sealed interface Node {

    int line();

    /**
     * @param written as the file has it, for errors: what the environment gave stays out of sight
     * @param value text, number or truth value; null when nothing is written
     */
    record Scalar(int line, String written, @Nullable Object value) implements Node {

        String text() {
            return value instanceof String text ? text : written;
        }
    }

    record Listing(int line, List<Node> items) implements Node {}

    record Mapping(int line, Map<String, Node> entries) implements Node {}

    default boolean isNothing() {
        return this instanceof Scalar scalar && scalar.value() == null;
    }
}
