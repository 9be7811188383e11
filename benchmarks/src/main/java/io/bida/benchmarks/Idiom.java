package io.bida.benchmarks;

import io.bida.testkit.DatabaseServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** What a server says in its own way, of what only benchmarks ask. */
interface Idiom {

    /** Statements that a session for filling begins with. */
    List<String> session();

    /** Statements by which the server's later sessions take messages of 16 MiB. */
    List<String> largeMessages();

    /** The type of a number that the server counts up. */
    String identity();

    /** The type of bytes. */
    String binary();

    /** An expression for so many bytes. */
    String bytes(int size);

    /** An expression for a message id made of a number. */
    String messageId(String number);

    /** Statements after rows were written with numbers below that one given. */
    List<String> continueAt(long seq);

    /** Waits until the server has removed what was deleted. */
    void settle(Database database) throws SQLException, InterruptedException;

    StatementCounter counter(DatabaseServer server) throws SQLException, IOException, InterruptedException;
}
