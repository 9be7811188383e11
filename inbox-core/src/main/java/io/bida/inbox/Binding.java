package io.bida.inbox;

import io.bida.sql.Dialect;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlStatement;

/** Binds one value after the other, as the driver takes them, past Jdbi's own conversions. Not thread-safe. */
final class Binding<S extends SqlStatement<S>> {

    private final S statement;
    private final Dialect dialect;
    private int next;

    Binding(S statement, Dialect dialect) {
        this.statement = statement;
        this.dialect = dialect;
    }

    /** A text that identifies a row, in the form that compares exactly. */
    Binding<S> id(String text) {
        return value(dialect.identity(text));
    }

    Binding<S> value(Object value) {
        Argument argument = (position, target, context) -> target.setObject(position, value);
        statement.bind(next++, argument);
        return this;
    }

    S statement() {
        return statement;
    }
}
