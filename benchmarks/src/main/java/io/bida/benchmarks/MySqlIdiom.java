package io.bida.benchmarks;

import io.bida.testkit.DatabaseServer;
import java.sql.SQLException;
import java.util.List;

/** MySQL and MariaDB. */
final class MySqlIdiom implements Idiom {

    private static final String HISTORY =
            "SELECT `COUNT` FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'";
    private static final long SHORT_HISTORY = 100;
    private static final int LOOK_AGAIN_MILLIS = 250;
    private static final int MOST_LOOKS = 1_000;
    private static final int SAME_LOOKS = 8;

    /** The log of what is only to be measured against would fill the disk. */
    @Override
    public List<String> session() {
        return List.of("SET sql_log_bin = 0");
    }

    @Override
    public List<String> largeMessages() {
        return List.of("SET GLOBAL max_allowed_packet = " + (64 << 20));
    }

    @Override
    public String identity() {
        return "BIGINT NOT NULL AUTO_INCREMENT";
    }

    @Override
    public String binary() {
        return "LONGBLOB";
    }

    @Override
    public String bytes(int size) {
        return "REPEAT('x', " + size + ")";
    }

    @Override
    public String messageId(String number) {
        return "UNHEX(MD5(" + number + "))";
    }

    @Override
    public List<String> continueAt(long seq) {
        return List.of();
    }

    /** MySQL keeps a short history although nothing is left to be purged; so what no longer moves is at rest too. */
    @Override
    public void settle(Database database) throws SQLException, InterruptedException {
        database.execute("PURGE BINARY LOGS BEFORE " + database.at.dialect().now());
        long before = Long.MAX_VALUE;
        int same = 0;
        for (int looks = 0; looks < MOST_LOOKS && same < SAME_LOOKS; looks++) {
            long history = database.number(HISTORY);
            if (history < SHORT_HISTORY) {
                return;
            }
            same = history == before ? same + 1 : 0;
            before = history;
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    @Override
    public StatementCounter counter(DatabaseServer server) throws SQLException {
        return new StatusCounter(server);
    }
}
