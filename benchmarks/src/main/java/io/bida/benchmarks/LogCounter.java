package io.bida.benchmarks;

import io.bida.testkit.DatabaseServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lets PostgreSQL log every statement, and reads its log. */
final class LogCounter implements StatementCounter {

    private static final Pattern STATEMENT = Pattern.compile("LOG:  (?:statement|execute [^:]+): [\\s(]*(\\w+)");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Connection connection;
    private final Path log;
    private Counts counts = new Counts(0, 0, 0, 0);
    private long readUpTo;
    private int marks;

    private LogCounter(Connection connection, Path log) {
        this.connection = connection;
        this.log = log;
    }

    static LogCounter start(DatabaseServer server) throws SQLException, IOException, InterruptedException {
        Connection connection = DriverManager.getConnection(server.jdbcUrl(""), server.user(), server.password());
        LogCounter counter = new LogCounter(connection, server.log());
        counter.readUpTo = server.log().toFile().length();
        counter.execute(
                "ALTER SYSTEM SET log_parameter_max_length = 0",
                "ALTER SYSTEM SET log_statement = 'all'",
                "SELECT pg_reload_conf()");
        counter.read();
        return counter;
    }

    /** What began before the mark that is set now stands before it in the log. */
    @Override
    public Counts read() throws SQLException, IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            String mark = "'mark " + ++marks + "'";
            execute("SELECT " + mark);
            String news = news();
            int at = news.indexOf(mark);
            if (at >= 0) {
                news.substring(0, news.lastIndexOf('\n', at) + 1).lines().forEach(this::count);
                readUpTo += news.substring(0, at + mark.length()).getBytes(StandardCharsets.ISO_8859_1).length;
                return counts;
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("PostgreSQL does not log its statements to " + log + ".");
    }

    private String news() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(readUpTo);
            byte[] news = new byte[Math.toIntExact(file.length() - readUpTo)];
            file.readFully(news);
            return new String(news, StandardCharsets.ISO_8859_1);
        }
    }

    private void count(String line) {
        Matcher statement = STATEMENT.matcher(line);
        if (!statement.find() || line.contains("'mark ")) {
            return;
        }
        counts = switch (statement.group(1)) {
            case "SELECT" -> new Counts(counts.reads() + 1, counts.writes(), counts.commits(), counts.others());
            case "INSERT", "UPDATE", "DELETE" ->
                new Counts(counts.reads(), counts.writes() + 1, counts.commits(), counts.others());
            case "COMMIT" -> new Counts(counts.reads(), counts.writes(), counts.commits() + 1, counts.others());
            case "BEGIN" -> counts;
            default -> new Counts(counts.reads(), counts.writes(), counts.commits(), counts.others() + 1);
        };
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : List.of(statements)) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            execute(
                    "ALTER SYSTEM RESET log_statement",
                    "ALTER SYSTEM RESET log_parameter_max_length",
                    "SELECT pg_reload_conf()");
        }
    }
}
