package io.bida.inbox;

import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * An INSERT that tells whether all of its rows are new, after waiting for whoever writes one of them at that moment.
 *
 * <p>It is a plain one whose duplicate-key error is read exactly. On PostgreSQL a failed statement would end the
 * transaction, so there it says ON CONFLICT DO NOTHING and its count tells: it waits as the plain one does, and raises
 * every other fault, unlike INSERT IGNORE.
 */
final class NewRows {

    private NewRows() {}

    static boolean insert(Handle tx, Dialect dialect, String sql, int rows, List<Object> parameters)
            throws SQLException {
        try {
            String end = dialect.refusesAfterError() ? " ON CONFLICT DO NOTHING" : "";
            return Direct.execute(tx, sql + end, parameters) == rows;
        } catch (SQLException e) {
            if (dialect.isDuplicateKey(e)) {
                return false;
            }
            throw e;
        }
    }
}
