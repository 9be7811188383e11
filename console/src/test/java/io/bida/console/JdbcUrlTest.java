package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JDBC URL shows where it leads and no secret, and what the user wrote in it stands. */
class JdbcUrlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:mariadb://127.0.0.1:3306/orders            | orders at 127.0.0.1:3306
            jdbc:mysql://db/orders?password=topsecret       | orders at db:3306
            jdbc:mysql://u:topsecret@db:3307/orders         | orders at db:3307
            jdbc:mysql://a:1,b/orders                       | orders at a:1,b:3306
            jdbc:mysql://[::1]/orders                       | orders at [::1]:3306
            jdbc:postgresql://db/orders?user=u&password=topsecret | orders at db:5432
            jdbc:postgresql:orders?password=topsecret       | orders at localhost:5432
            jdbc:postgresql://db/                           | db:5432
            jdbc:h2:mem:orders;PASSWORD=topsecret           | mem:orders
            """)
    void aPlaceIsHostPortAndDatabase(String url, String place) {
        assertThat(JdbcUrl.parse(url).place()).isEqualTo(place);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:oracle:thin:bida/topsecret@db | Databases of 'jdbc:oracle' are not known; a URL begins with jdbc:mysql, jdbc:mariadb, jdbc:postgresql, jdbc:h2.
            http://u:topsecret@db              | The database URL is no JDBC URL; a URL begins with jdbc:mysql, jdbc:mariadb, jdbc:postgresql, jdbc:h2.
            jdbc:mysql:topsecret               | The database URL names no host; write jdbc:mysql://HOST:PORT/DATABASE.
            """)
    void aUrlThatLeadsNowhereIsRefused(String url, String sentence) {
        assertThatThrownBy(() -> JdbcUrl.parse(url))
                .isInstanceOf(BidaException.class)
                .hasMessage(sentence);
    }

    @Test
    void connectorJSpeaksToMariaDbToo() {
        assertThat(JdbcUrl.parse("jdbc:mariadb://db/orders?sslMode=verify-full&x=1")
                        .text(Map.of()))
                .isEqualTo("jdbc:mysql://db/orders?sslMode=VERIFY_IDENTITY&x=1");
    }

    @Test
    void whatTheUserWroteIsNotOverridden() {
        JdbcUrl url = JdbcUrl.parse("jdbc:mysql://db/orders?a=b&ConnectTimeout=7&rewriteBatchedStatements=false");

        assertThat(url.properties(url.server().needs(3, 30)))
                .containsOnlyKeys("tcpKeepAlive", "allowPublicKeyRetrieval", "socketTimeout")
                .containsEntry("socketTimeout", "30000");
    }

    @Test
    void h2TakesItsParametersInTheUrl() {
        JdbcUrl url = JdbcUrl.parse("jdbc:h2:mem:x;mode=MariaDB");

        assertThat(url.text(url.server().needs(3, 30))).isEqualTo("jdbc:h2:mem:x;mode=MariaDB;DB_CLOSE_ON_EXIT=FALSE");
        assertThat(url.properties(url.server().needs(3, 30))).isEmpty();
    }

    @Test
    void aMissingDriverIsNamedWithWhereItIsHad() {
        assertThatThrownBy(() -> Server.requireDriver("no.such.Driver", "no.such:driver"))
                .isInstanceOf(BidaException.class)
                .hasMessage("The driver no.such.Driver is missing; put no.such:driver on the class path.");
    }
}
