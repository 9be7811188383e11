package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** migrate and status, which speak to the database directly. */
class DatabaseCommandsTest {

    private static final String URL = "jdbc:h2:mem:commands;MODE=MySQL";

    private final Cli cli = new Cli();
    private Connection keeper;

    @BeforeEach
    void keepTheDatabase() throws SQLException {
        keeper = DriverManager.getConnection(URL, "bida", "pw");
        cli.variables.put("BIDA_PASSWORD", "pw");
    }

    @AfterEach
    void dropTheDatabase() throws SQLException {
        sql("SHUTDOWN");
        keeper.close();
    }

    @Test
    void migrateSaysWhatItDidAndIsIdempotent() {
        assertThat(run("migrate"))
                .isEqualTo(
                        new Cli.Said(0, "The schema of mem:commands was brought to version 1 by 1 migration.\n", ""));
        assertThat(run("migrate"))
                .isEqualTo(
                        new Cli.Said(0, "The schema of mem:commands is up to date at version 1; nothing to do.\n", ""));
    }

    @Test
    void migrateWorksBesideBusinessTables() throws SQLException {
        sql("CREATE TABLE orders (id INT)");

        assertThat(run("migrate").out())
                .isEqualTo("The schema of mem:commands was brought to version 1 by 1 migration.\n");
        assertThat(run("migrate").out())
                .isEqualTo("The schema of mem:commands is up to date at version 1; nothing to do.\n");
    }

    @Test
    void migrateLeavesTablesAloneThatWereMadeByHand() throws SQLException {
        sql(cli.run("schema", "print", "--dialect", "h2").out());

        assertThat(run("migrate"))
                .isEqualTo(new Cli.Said(
                        1,
                        "",
                        "The database mem:commands has Bida's tables but no bida_schema_history: they were made by"
                                + " hand. Nothing was changed; go on by hand, with ./bida schema print.\n"));
    }

    @Test
    void thePasswordOnTheCommandLineGoesBeforeTheEnvironments() {
        cli.variables.put("BIDA_PASSWORD", "wrong");

        assertThat(run("migrate"))
                .isEqualTo(new Cli.Said(
                        1,
                        "",
                        "The database mem:commands refuses user 'bida': wrong user or password, or no grant on it.\n"));
        assertThat(cli.run("migrate", "--url", URL, "--user", "bida", "--password", "pw")
                        .code())
                .isZero();
    }

    @Test
    void statusOfAnEmptyOutbox() {
        run("migrate");

        assertThat(run("status").out()).isEqualTo("""
                        oldest due   none
                        PENDING      0
                        SCHEDULED    0
                        RETRY        0
                        HELD         0
                        DEAD         0
                        CANCELLED    0
                        relays       0 alive
                        leases       0 of 64 held
                        """);
    }

    @Test
    void statusCountsUpToItsCapAndTellsTheOldestDue() throws SQLException {
        run("migrate");
        sql(
                "INSERT INTO bida_outbox (topic, type, biz_id, payload) SELECT 't', 't', x, X'00' FROM SYSTEM_RANGE(1, 10001)");
        sql("UPDATE bida_outbox SET created_at = DATEADD(SECOND, -630, created_at) WHERE biz_id = '7'");
        sql("UPDATE bida_outbox SET created_at = DATEADD(DAY, -1, created_at), due_at = DATEADD(DAY, 1, created_at)"
                + " WHERE biz_id = '8'");
        sql("UPDATE bida_lease SET owner = 'n', expires_at = DATEADD(HOUR, 30, CURRENT_TIMESTAMP) WHERE shard < 3");

        assertThat(run("status").out())
                .startsWith("oldest due   10 min ")
                .contains("\nPENDING      10,000+\n", "leases       3 of 64 held\n");
        assertThat(run("status", "-o", "json").out())
                .matches("\\{\"oldestDueSeconds\":6[3-5]\\d\\.\\d+,\"counts\":\\{\"PENDING\":10000,\"SCHEDULED\":0,.*}"
                        + ",\"more\":\\[\"PENDING\"],\"relays\":0,\"leasesHeld\":3,\"leases\":64}\n");
    }

    @Test
    void statusWithoutTablesNamesMigrate() {
        assertThat(run("status").err())
                .isEqualTo("The database mem:commands lacks Bida's tables; make them with ./bida migrate, or start with"
                        + " --migrate (asked as user 'bida').\n");
    }

    private Cli.Said run(String command, String... more) {
        String[] arguments = Stream.concat(Stream.of(command, "--url", URL, "--user", "bida"), Stream.of(more))
                .toArray(String[]::new);
        return cli.run(arguments);
    }

    private void sql(String sql) throws SQLException {
        try (var statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }
}
