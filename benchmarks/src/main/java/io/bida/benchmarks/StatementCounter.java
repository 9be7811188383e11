package io.bida.benchmarks;

import java.io.IOException;
import java.sql.SQLException;

/** Counts the statements that a server was sent, by its own means. Not thread-safe. */
interface StatementCounter extends AutoCloseable {

    /** All since some time in the past; what counts is the difference between two readings. */
    Counts read() throws SQLException, IOException, InterruptedException;

    @Override
    void close() throws SQLException;

    /**
     * Statements of clients, without those that only begin a transaction.
     *
     * @param reads SELECT
     * @param writes INSERT, UPDATE, DELETE
     * @param commits COMMIT, sent as such
     * @param others the rest, such as SET
     */
    record Counts(long reads, long writes, long commits, long others) {

        Counts since(Counts before) {
            return new Counts(
                    reads - before.reads, writes - before.writes, commits - before.commits, others - before.others);
        }

        long all() {
            return reads + writes + commits + others;
        }
    }
}
