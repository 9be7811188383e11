package io.bida.inbox;

import io.bida.sql.Dialect;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.core.statement.Update;

/**
 * An INSERT that tells whether all of its rows are new, after waiting for whoever writes one of them at that moment.
 *
 * <p>It is a plain one whose duplicate-key error is read exactly. On PostgreSQL a failed statement would end the
 * transaction, so there it says ON CONFLICT DO NOTHING and its count tells: it waits as the plain one does, and raises
 * every other fault, unlike INSERT IGNORE.
 */
final class NewRows {

    private NewRows() {}

    /** The end of the statement. */
    static String end(Dialect dialect) {
        return dialect.refusesAfterError() ? " ON CONFLICT DO NOTHING" : "";
    }

    static boolean insert(Update statement, int rows, Dialect dialect) {
        try {
            return statement.execute() == rows;
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isDuplicateKey(cause)) {
                return false;
            }
            throw e;
        }
    }
}
