package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ls, show, why and the commands that change messages: what they say, and what they leave alone. */
class MessageCommandsTest {

    private static final String URL = "jdbc:h2:mem:messages;MODE=MySQL";
    private static final String ONE = "01890a5d-ac96-774b-bcce-b30209900001";
    private static final String TWO = "01890a5d-ac96-774b-bcce-b30209900002";
    private static final String THREE = "01890a5d-ac96-774b-bcce-b30209900003";

    private final Cli cli = new Cli();
    private Connection keeper;

    @BeforeEach
    void fillTheDatabase() throws SQLException {
        keeper = DriverManager.getConnection(URL, "bida", "pw");
        cli.variables.put("BIDA_PASSWORD", "pw");
        sql(cli.run("schema", "print", "--dialect", "h2").out());
        sql("INSERT INTO bida_outbox (message_id, topic, type, biz_id, payload) VALUES ('" + ONE
                + "', 'orders.placed', 'OrderPlaced', 'order-1', X'7B7D')");
        park(2, TWO, "DEAD", "No route takes the topic.", 16);
        park(3, THREE, "HELD", "", 0);
    }

    @AfterEach
    void dropTheDatabase() throws SQLException {
        sql("SHUTDOWN");
        keeper.close();
    }

    @Test
    void lsShowsWhatFits() {
        Cli.Said all = run("ls");
        assertThat(all.code()).isZero();
        assertThat(all.out()
                        .lines()
                        .map(line -> line.replaceAll(" {2,}\\d\\S+Z", "").replaceAll(" {2,}", " ")))
                .containsExactly(
                        "SEQ ID STATE CREATED TRIES TOPIC SCENE/BIZ-ID KEY LAST ERROR",
                        "1 " + ONE + " PENDING 0 orders.placed OrderPlaced/order-1",
                        "2 " + TWO + " DEAD 16 orders.placed OrderPlaced/order-2 k No route takes the topic.",
                        "3 " + THREE + " HELD 0 orders.placed OrderPlaced/order-3 k");
        assertThat(run("ls", "state:dead", "attempts>=5", "age<1h").out())
                .contains(TWO)
                .doesNotContain(ONE, THREE);
        assertThat(run("ls", "error:no such text").out()).isEqualTo("No message found.\n");
    }

    @Test
    void lsGoesOnWhereItEnded() {
        assertThat(run("ls", "--limit", "2").out()).endsWith("There may be more: --after 2\n");
        assertThat(run("ls", "--limit", "2", "--after", "2", "-o", "json").out())
                .matches("\\{\"messages\":\\[\\{\"seq\":3,\"id\":\"" + THREE
                        + "\",\"state\":\"HELD\",.*}],\"next\":null}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "stat:DEAD | 'stat' qualifies no message; did you mean 'state'?",
                "state:DAED | 'DAED' is no state; did you mean 'DEAD'?",
                "order-1 | 'order-1' is no filter word; known are id:ID",
                "age:10m | 'age:10m': age does not take ':'",
                "age>soon | age: 'soon' is no duration",
                "attempts<5 | 'attempts<5': write a number of attempts at least",
                "id:7 | '7' is no message id",
                "created:10:00 | 'created:10:00': write FROM..TO",
                "topic:or*rs | The topic pattern 'or*rs' is none"
            })
    void aFilterWordThatIsNoneIsAUsageError(String word, String sentence) {
        Cli.Said said = run("ls", word);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains(sentence);
    }

    @Test
    void aParkedMessageIsFoundHoweverManyArePending() throws SQLException {
        sql(
                "INSERT INTO bida_outbox (topic, type, biz_id, payload) SELECT 't', 'T', X, X'' FROM SYSTEM_RANGE(1, 100001)");
        sql("UPDATE bida_outbox_parked SET seq = seq + 200000");
        assertThat(run("show", TWO).out()).contains("DEAD");
    }

    /** MySQL's own ids have any digit where others have their version. */
    @Test
    void aDeliveredMessageIsRememberedWhoseIdOnlyLooksAsIfItHadATime() throws SQLException {
        String id = "fffff000-0000-7000-8000-000000000001";
        sql(
                "INSERT INTO bida_outbox_history (message_id, scene, biz_id, topic, created_at, delivered_at, attempts, node)"
                        + " VALUES ('" + id + "', 's', 'order-9', 't', TIMESTAMP '2026-01-01 00:00:00',"
                        + " TIMESTAMP '2026-01-01 00:00:01', 1, 'n')");
        assertThat(run("why", id).out()).contains("delivered");
    }

    @Test
    void showMasksThePayloadUntilItIsRevealed() throws SQLException {
        assertThat(run("show", ONE).out())
                .contains("payload        2 bytes, masked; --reveal shows it\n")
                .doesNotContain("{}");
        assertThat(run("show", ONE, "-o", "json").out()).contains("\"headers\":null,\"payload\":null}");
        assertThat(count("SELECT COUNT(*) FROM bida_audit")).isZero();

        assertThat(run("show", ONE, "--reveal", "--as", "alice").out()).contains("\nPayload\n{}\n");
        assertThat(count("SELECT COUNT(*) FROM bida_audit WHERE actor = 'alice' AND action = 'reveal'"))
                .isEqualTo(1);
    }

    @Test
    void whySaysWhereAMessageIsAndWhatHoldsIt() throws SQLException {
        assertThat(run("why", ONE).out())
                .matches("It waits to be sent, since \\S+ s; no relay holds its shard: start one\\.\n");
        assertThat(run("why", TWO).out())
                .isEqualTo("It is dead: No route takes the topic; it is sent again only by ./bida retry id:" + TWO
                        + ".\n");
        assertThat(run("why", THREE).out())
                .isEqualTo("It is held behind message " + TWO
                        + " of its ordering key 'k', which is DEAD: No route takes the topic.\n");
        sql("UPDATE bida_outbox_parked SET state = 'RETRY', attempts = 1, due_at = DATEADD(HOUR, 30, created_at)");
        sql("INSERT INTO bida_attempt VALUES ('" + TWO + "', 1, TIMESTAMP '2026-11-25 10:00:00', 'n1', 'failed', 7,"
                + " 'HTTP 503')");
        assertThat(run("why", TWO).out())
                .matches(
                        "Attempt 1 failed at 2026-11-25T10:00:00Z: HTTP 503\\. The next is due at \\S+, in 1 d [56] h\\.\n");
        assertThat(run("show", TWO).out()).contains("why            Attempt 1 failed", "\nFailed attempts\nTRY  AT");
    }

    @Test
    void aMessageThatNobodyKnowsIsAnError() {
        Cli.Said said = run("why", "01890a5d-ac96-774b-bcce-b30209900009");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).startsWith("No message 01890a5d-ac96-774b-bcce-b30209900009 is in the outbox");
    }

    /** All of a table of many millions is looked through by nobody who waits for the answer. */
    @Test
    void whatWasNotFoundInPartOfTheOutboxIsSaidNotToHaveBeenLookedForInTheRest() throws SQLException {
        sql("INSERT INTO bida_outbox (topic, type, biz_id, payload) SELECT 't', 'T', '', X'' FROM"
                + " SYSTEM_RANGE(1, 1000000)");

        assertThat(run("show", "01890a5d-ac96-774b-bcce-b30209900009").err())
                .matches(
                        "No message 01890a5d-ac96-774b-bcce-b30209900009 is in the outbox up to number 1\\d{6}"
                                + " \\(./bida ls id:01890a5d-ac96-774b-bcce-b30209900009 --after 1\\d{6} looks on\\), nor .*\n");
    }

    @Test
    void withoutYesAnActionOnlySaysWhatItWouldDo() throws SQLException {
        Cli.Said said = run("retry", "state:DEAD");
        assertThat(said.code()).isZero();
        assertThat(said.out())
                .startsWith("1 message would be retried:\n  DEAD  1  orders.placed\n\nSome of them:\nSEQ  ID")
                .contains("Mind: 1 have an ordering key")
                .endsWith("Nothing was changed; --yes does it.\n");
        assertThat(run("retry", "state:DEAD", "-o", "json").out())
                .startsWith(
                        "{\"action\":\"retry\",\"dryRun\":true,\"messages\":1,\"more\":false,\"groups\":[{\"state\":\"DEAD\",");
        assertThat(count("SELECT COUNT(*) FROM bida_outbox_parked WHERE state = 'DEAD'"))
                .isEqualTo(1);
    }

    @Test
    void withYesItActsAndTheAuditSaysWhoAndWhy() throws SQLException {
        assertThat(run("retry", "state:DEAD", "--yes", "--as", "alice", "--reason", "ticket 7"))
                .isEqualTo(new Cli.Said(0, "1 message was retried.\n", ""));
        assertThat(run("retry", "state:DEAD", "--yes").out()).isEqualTo("0 messages were retried.\n");
        assertThat(run("delay", "key:k", "--for", "soon", "--yes").code()).isEqualTo(2);
        assertThat(run("delay", "key:k", "--for", "2h", "--yes").out()).isEqualTo("1 message was delayed.\n");
        assertThat(run("cancel", "topic:orders.*", "--yes", "-o", "json").out())
                .isEqualTo("{\"action\":\"cancel\",\"dryRun\":false,\"changed\":3}\n");
        assertThat(run("discard", "state:CANCELLED", "--yes").out()).isEqualTo("3 messages were discarded.\n");
        assertThat(run("ls").out()).isEqualTo("No message found.\n");
        assertThat(count("SELECT COUNT(*) FROM bida_audit WHERE actor = 'alice' AND action = 'retry'"
                        + " AND target = 'state:DEAD' AND affected = 1 AND reason = 'ticket 7'"))
                .isEqualTo(1);
        assertThat(count("SELECT COUNT(*) FROM bida_audit")).isEqualTo(4);
    }

    @Test
    void withAGroupTheyAreAboutWhatItHasStoredAndNothingElse() throws SQLException {
        for (String group : List.of("points", "mail's")) {
            sql("INSERT INTO bida_inbox_queue (consumer_group, message_id, topic, type, biz_id, payload) VALUES ('"
                    + group.replace("'", "''") + "', '" + ONE
                    + "', 'orders.placed', 'OrderPlaced', 'order-1', X'7B7D')");
            sql("INSERT INTO bida_inbox_parked (consumer_group, seq, message_id, topic, type, biz_id, content_type,"
                    + " payload, created_at, state, attempts, last_error, parked_at) SELECT consumer_group, 7, '" + TWO
                    + "', topic, type, 'order-2', content_type, payload, created_at, 'DEAD', 3, 'No such customer.',"
                    + " created_at FROM bida_inbox_queue WHERE consumer_group = '" + group.replace("'", "''") + "'");
            sql("UPDATE bida_inbox_parked SET seq = 8 WHERE consumer_group = 'points'");
        }
        assertThat(run("ls", "--group", "mail's").out()).contains(ONE, TWO).doesNotContain(THREE);
        assertThat(run("why", TWO, "--group", "points").out())
                .contains("No such customer", "./bida retry --group \"points\" id:" + TWO);
        assertThat(run("show", TWO, "--group", "points").out()).contains("No such customer");
        assertThat(run("retry", "state:DEAD", "--group", "mail's", "--yes").out())
                .isEqualTo("1 message was retried.\n");

        assertThat(run("ls", "state:RETRY", "--group", "mail's").out()).contains(TWO);
        assertThat(run("ls", "state:DEAD", "--group", "points").out()).contains(TWO);
        assertThat(run("cancel", "id:" + ONE, "--group", "points", "--yes").out())
                .isEqualTo("1 message was cancelled.\n");
        assertThat(run("ls", "id:" + ONE).out()).contains("PENDING");
        assertThat(count("SELECT COUNT(*) FROM bida_audit WHERE target = 'group mail''s: state:DEAD'"))
                .isEqualTo(1);
    }

    @Test
    void anActionWithoutAFilterOrOnAWrongStateIsRefused() {
        assertThat(run("discard", "--yes"))
                .isEqualTo(new Cli.Said(
                        4, "", "Not without a filter: say which messages to discard. Nothing was changed.\n"));
        assertThat(run("discard", "state:HELD", "--yes").code()).isEqualTo(4);
        assertThat(run("delay", "state:DEAD").code()).isEqualTo(2);
        assertThat(run("ls").out()).contains(ONE, TWO, THREE);
    }

    @Test
    void withoutTablesMigrateIsNamed() throws SQLException {
        sql("DROP TABLE bida_outbox_parked");
        Cli.Said said = run("ls", "state:DEAD");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("./bida migrate");
    }

    private Cli.Said run(String command, String... more) {
        String[] arguments = Stream.concat(Stream.of(command, "--url", URL, "--user", "bida"), Stream.of(more))
                .toArray(String[]::new);
        return cli.run(arguments);
    }

    private void park(int seq, String id, String state, String error, int attempts) throws SQLException {
        sql("INSERT INTO bida_outbox_parked (seq, message_id, topic, type, biz_id, ordering_key, content_type, payload,"
                + " created_at, state, attempts, last_error, parked_at) VALUES (" + seq + ", '" + id
                + "', 'orders.placed', 'OrderPlaced', 'order-" + seq + "', 'k', 'application/json', X'7B7D', "
                + "CAST(CURRENT_TIMESTAMP(6) AT TIME ZONE 'UTC' AS TIMESTAMP(6)), '" + state + "', " + attempts + ", "
                + (error.isEmpty() ? "NULL" : "'" + error + "'") + ", CURRENT_TIMESTAMP)");
    }

    private long count(String sql) throws SQLException {
        try (var statement = keeper.createStatement();
                var answer = statement.executeQuery(sql)) {
            answer.next();
            return answer.getLong(1);
        }
    }

    private void sql(String sql) throws SQLException {
        try (var statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }
}
