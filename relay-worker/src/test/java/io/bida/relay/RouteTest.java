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
        Routes routes =
                new Routes(List.of(new Route("orders.*", "web").holdingOnDead(), new Route("orders.**", "kafka")));
        assertThat(routes.of("orders.placed")).map(Route::to).contains("web");
        assertThat(routes.of("orders")).map(Route::to).contains("kafka");
        assertThat(routes.of("orders")).map(Route::to).contains("kafka");
        assertThat(routes.of("billing")).isEmpty();
        assertThat(routes.deadMayHold()).isTrue();
    }

    @Test
    void anErrorTakesItsUsualCourseUnlessARuleSaysOtherwise() {
        Route plain = new Route("**", "web");
        assertThat(plain.then(new Fault("rejected", "answered 400"))).isEqualTo(Route.Then.DEAD);
        assertThat(plain.then(new Fault("failed", "answered 404"))).isEqualTo(Route.Then.RETRY);

        Route ruled = plain.on("answered 404", Route.Then.DEAD)
                .on("failed", Route.Then.HOLD)
                .on("rejected", Route.Then.RETRY);
        assertThat(ruled.then(new Fault("failed", "web answered 404"))).isEqualTo(Route.Then.DEAD);
        assertThat(ruled.then(new Fault("failed", "web answered 500"))).isEqualTo(Route.Then.HOLD);
        assertThat(ruled.then(new Fault("unknown", "no answer"))).isEqualTo(Route.Then.RETRY);
        assertThat(ruled.then(new Fault("rejected", "web answered 400"))).isEqualTo(Route.Then.RETRY);
    }

    /** After a restart the row's reason is all that is known. */
    @Test
    void whetherADeadMessageHoldsItsKeyIsToldByItsReason() {
        Route route = new Route("**", "web").on("answered 404", Route.Then.HOLD).on("rejected", Route.Then.SKIP);
        String missing = new Fault("failed", "web answered 404: no such order").deadReason();
        assertThat(missing).isEqualTo("Failed: web answered 404: no such order");
        assertThat(route.holdsKey(missing)).isTrue();
        assertThat(route.holdsKey("Failed: web answered 500")).isFalse();
        assertThat(route.holdsKey("Expired before it could be delivered.")).isFalse();
        assertThat(route.holdingOnDead().holdsKey("Expired before it could be delivered."))
                .isTrue();
        assertThat(route.holdingOnDead().holdsKey("Rejected: malformed")).isFalse();
        assertThat(route.mayHold()).isTrue();
        assertThat(new Route("**", "web").on("rejected", Route.Then.SKIP).mayHold())
                .isFalse();
    }
}
