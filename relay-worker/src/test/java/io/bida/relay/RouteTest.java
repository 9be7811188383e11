package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {

    @ParameterizedTest
    @CsvSource({
        "orders, orders, true",
        "orders, Orders, false",
        "orders, orders.placed, false",
        "orders.*, orders.placed, true",
        "orders.*, orders, false",
        "orders.*, orders.placed.eu, false",
        "*.placed, orders.placed, true",
        "orders.**, orders, true",
        "orders.**, orders.placed.eu, true",
        "orders.**, order, false",
        "**, anything.at.all, true",
        "**.eu, orders.placed.eu, true",
        "**.eu, eu, true",
        "a.**.z, a.z, true",
        "a.**.z, a.b.z.c.z, true",
        "a.**.z, a.b.z.c, false"
    })
    void aPatternTakesTopicsSegmentBySegment(String pattern, String topic, boolean takes) {
        assertThat(new Route(pattern, "web").takes(topic)).isEqualTo(takes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a..b", ".a", "a.", "order*", "***", "*a.b", "a.**b"})
    void aPatternWithBrokenSegmentsIsRefused(String pattern) {
        assertThatThrownBy(() -> new Route(pattern, "web"))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("'" + pattern + "'");
    }

    @Test
    void theFirstRouteThatTakesATopicWins() {
        Routes routes = new Routes(List.of(new Route("orders.*", "web", true), new Route("orders.**", "kafka")));
        assertThat(routes.of("orders.placed")).map(Route::to).contains("web");
        assertThat(routes.of("orders")).map(Route::to).contains("kafka");
        assertThat(routes.of("orders")).map(Route::to).contains("kafka");
        assertThat(routes.of("billing")).isEmpty();
        assertThat(routes.anyHoldsOnDead()).isTrue();
    }
}
