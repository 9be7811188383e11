package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.sql.Dialect;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabasesTest {

    @ParameterizedTest
    @EnumSource
    void eachTestHasADatabaseOfItsOwnOnASharedServer(Databases databases) throws SQLException {
        try (TestDatabase one = databases.fresh();
                TestDatabase other = databases.fresh();
                Connection connection = one.connect()) {
            assertThat(Dialect.of(connection).name()).isEqualTo(one.dialect().name());
            assertThat(one.name()).isNotEqualTo(other.name());
            assertThat(one.url().replace(one.name(), "")).isEqualTo(other.url().replace(other.name(), ""));
        }
    }
}
