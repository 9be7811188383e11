package io.bida.inbox;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Writes past Jdbi, on whose {@code execute()} Connector/J first asks the server whether the session is read-only: one
 * statement more for each.
 */
final class Direct {

    private Direct() {}

    /** Answers how many rows were written. */
    static int execute(Handle tx, String sql, List<Object> parameters) throws SQLException {
        try (PreparedStatement statement = tx.getConnection().prepareStatement(sql)) {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, parameters.get(i));
            }
            return statement.executeUpdate();
        }
    }
}
