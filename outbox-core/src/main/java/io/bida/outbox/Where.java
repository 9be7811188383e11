package io.bida.outbox;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.statement.SqlStatement;

/** A condition that grows, with its values in the order of their question marks. Not thread-safe. */
final class Where {

    private final StringBuilder text;
    private final List<Object> values = new ArrayList<>();

    /** @param and what holds anyway; beginning with AND, or empty */
    Where(String and) {
        text = new StringBuilder(" WHERE 1 = 1").append(and);
    }

    Where and(String condition, Object... itsValues) {
        text.append(" AND ").append(condition);
        values.addAll(List.of(itsValues));
        return this;
    }

    String text() {
        return text.toString();
    }

    <S extends SqlStatement<S>> S bindTo(S statement) {
        for (int i = 0; i < values.size(); i++) {
            statement.bind(i, values.get(i));
        }
        return statement;
    }
}
