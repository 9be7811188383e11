package io.bida.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {

    @ParameterizedTest
    @CsvSource({
        "MySQL, 8.0.15, mysql",
        "MySQL, 8.4.3, mysql",
        "MySQL, 11.4.5-MariaDB-log, mariadb",
        "MySQL, 5.5.5-10.6.12-MariaDB, mariadb",
        "MariaDB, 11.4.5-MariaDB, mariadb",
        "PostgreSQL, 17.2 (Debian 17.2-1), postgresql",
        "H2, 2.5.252 (2026-01-01), h2"
    })
    void theServerIsToldByItsNameAndVersion(String product, String version, String expected) throws SQLException {
        assertThat(Dialect.of(connection(product, version)).name()).isEqualTo(expected);
    }

    @Test
    void aStrangeServerIsRefusedByName() {
        assertThatThrownBy(() -> Dialect.of(connection("Oracle", "23")))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("The database is Oracle");
        assertThatThrownBy(() -> Dialect.named("oracle"))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("mysql, mariadb, postgresql and h2");
    }

    @Test
    void eachServerDeletesInTheFormThatKeepsToTheKey() {
        List<Long> rows = List.of(3L, 5L);
        assertThat(Dialect.named("mysql").deleteByKey("t", "seq", rows, "")).endsWith("ORDER BY seq LIMIT 2");
        assertThat(Dialect.named("mariadb").deleteByKey("t", "seq", rows, ""))
                .startsWith("DELETE t FROM t FORCE INDEX (PRIMARY)")
                .doesNotContain("LIMIT");
        assertThat(Dialect.named("postgresql").deleteByKey("t", "seq", rows, "AND x = 1"))
                .isEqualTo("DELETE FROM t WHERE seq = ANY ('{3,5}'::bigint[]) AND x = 1");
    }

    @Test
    void aLiteralHoldsNothingThatAServerOrJdbiReadsAsItsOwn() {
        String text = "it's \\ :a ? \u00e9\uD83D\uDE00";
        assertThat(Dialect.named("mysql").literal("a'")).isEqualTo("_utf8mb4 x'6127'");
        assertThat(Dialect.named("postgresql").literal("points-2")).isEqualTo("U&'points-2'");
        assertThat(Dialect.named("h2").literal(text))
                .isEqualTo(
                        "U&'it\\+000027s\\+000020\\+00005C\\+000020\\+00003Aa\\+000020\\+00003F\\+000020\\+0000E9\\+01F600'");
    }

    @Test
    void aDuplicateKeyAndARollbackAreToldApart() {
        for (String name : List.of("mysql", "mariadb")) {
            Dialect dialect = Dialect.named(name);
            assertThat(dialect.isDuplicateKey(new SQLException("", "23000", 1062)))
                    .isTrue();
            assertThat(dialect.isDuplicateKey(new SQLException("", "23000", 1048)))
                    .isFalse();
            assertThat(dialect.isRollback(new SQLException("", "40001", 1213))).isTrue();
            assertThat(dialect.isRollback(new SQLException("", "HY000", 1205))).isTrue();
        }
        Dialect postgresql = Dialect.named("postgresql");
        assertThat(postgresql.isDuplicateKey(new SQLException("", "23505"))).isTrue();
        assertThat(postgresql.isRollback(new SQLException("", "40P01"))).isTrue();
        assertThat(postgresql.isRollback(new SQLException("no state"))).isFalse();
    }

    @Test
    void anIdIsBytesForMySqlAndAUuidElsewhere() {
        MessageId id = MessageId.parse("01890a5d-ac96-774b-bcce-b302099a8057");
        assertThat(Dialect.named("mysql").bind(id)).isEqualTo(id.bytes());
        assertThat(Dialect.named("mysql").literal(id)).isEqualTo("x'01890a5dac96774bbcceb302099a8057'");
        assertThat(Dialect.named("postgresql").bind(id)).isEqualTo(id.uuid());
    }

    private static Connection connection(String product, String version) {
        DatabaseMetaData database = proxy(
                DatabaseMetaData.class,
                Map.of("getDatabaseProductName", product, "getDatabaseProductVersion", version));
        return proxy(Connection.class, Map.of("getMetaData", database));
    }

    private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    if (answer == null) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    return answer;
                }));
    }
}
