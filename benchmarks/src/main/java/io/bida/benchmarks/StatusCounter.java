package io.bida.benchmarks;

import io.bida.testkit.DatabaseServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** Reads the status counters of MySQL and MariaDB. */
final class StatusCounter implements StatementCounter {

    private static final String[] WRITES = {
        "Com_insert", "Com_insert_select", "Com_update", "Com_update_multi", "Com_delete", "Com_delete_multi"
    };

    private final Connection connection;
    private long own;

    StatusCounter(DatabaseServer server) throws SQLException {
        connection = DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:" + server.port() + "/", server.user(), server.password());
    }

    @Override
    public Counts read() throws SQLException {
        Map<String, Long> status = status();
        own++;
        long reads = status.getOrDefault("Com_select", 0L);
        long commits = status.getOrDefault("Com_commit", 0L);
        long writes = 0;
        for (String name : WRITES) {
            writes += status.getOrDefault(name, 0L);
        }
        long begins = status.getOrDefault("Com_begin", 0L);
        long all = status.getOrDefault("Questions", 0L) - own;
        return new Counts(reads, writes, commits, all - reads - writes - commits - begins);
    }

    private Map<String, Long> status() throws SQLException {
        Map<String, Long> status = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Com\\_%' OR Variable_name = 'Questions'")) {
            while (rows.next()) {
                status.put(rows.getString(1), rows.getLong(2));
            }
        }
        return status;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
