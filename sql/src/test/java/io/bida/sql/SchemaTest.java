package io.bida.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {

    private static final Pattern TABLE = Pattern.compile("(?s)CREATE TABLE (\\w+) \\(\n(.*?)\n\\)");
    private static final Set<String> NO_COLUMN =
            Set.of("PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "PARTITION", "FOREIGN");

    @ParameterizedTest
    @ValueSource(strings = {"mariadb", "postgresql", "h2"})
    void everyDatabaseHasTheTablesAndColumnsOfMySql(String name) {
        assertThat(tables(name)).isEqualTo(tables("mysql"));
    }

    /** Group replication, and a server that is told so, refuse a table without. */
    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb", "postgresql", "h2"})
    void everyTableHasAPrimaryKey(String name) {
        assertThat(TABLE.matcher(Dialect.named(name).schema()).results())
                .hasSizeGreaterThan(20)
                .allSatisfy(
                        table -> assertThat(table.group(2)).as(table.group(1)).contains("PRIMARY KEY"));
    }

    @Test
    void theTablesOfTheContractAreThere() {
        assertThat(tables("mysql"))
                .containsKeys(
                        "bida_outbox",
                        "bida_outbox_parked",
                        "bida_attempt",
                        "bida_outbox_history",
                        "bida_lease",
                        "bida_node",
                        "bida_rollup",
                        "bida_audit",
                        "bida_inbox",
                        "bida_inbox_conflict",
                        "bida_inbox_version",
                        "bida_inbox_queue",
                        "bida_inbox_parked");
        assertThat(tables("mysql").get("bida_outbox"))
                .containsExactly(
                        "seq",
                        "message_id",
                        "topic",
                        "type",
                        "scene",
                        "biz_id",
                        "ordering_key",
                        "source",
                        "content_type",
                        "headers",
                        "payload",
                        "created_at",
                        "due_at",
                        "expires_at",
                        "shard");
    }

    private static Map<String, List<String>> tables(String name) {
        return TABLE.matcher(Dialect.named(name).schema())
                .results()
                .collect(Collectors.toMap(table -> table.group(1), SchemaTest::columns, (a, b) -> a, TreeMap::new));
    }

    /** The first word of each line that stands at the first level of indentation. */
    private static List<String> columns(MatchResult table) {
        return Arrays.stream(table.group(2).split("\n", -1))
                .filter(line -> line.matches(" {4}\\w.*"))
                .map(line -> line.strip().split("\\W", 2)[0])
                .filter(word -> !NO_COLUMN.contains(word.toUpperCase(Locale.ROOT)))
                .toList();
    }
}
