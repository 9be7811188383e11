package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.Message;
import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Settlement;
import io.bida.sql.Dialect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SettlerTest {

    private final Session session = Session.readCommitted(H2.fresh(), Dialect.named("h2"));
    private final List<Settlement> written = new ArrayList<>();
    private final Settler settler = new Settler(
            new OutboxStore(H2.DIALECT, DurableQueue.OUTBOX, "node", "relay", true),
            session,
            new InFlight(),
            10,
            (settlements, took) -> written.addAll(settlements));

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void aSettlementThatTheDatabaseRefusesKeepsTheOthersFromNothing() throws Exception {
        session.query(handle -> handle.execute("ALTER TABLE bida_outbox_history ADD CHECK (biz_id <> 'order-2')"));
        Settlement first = delivered(1, Instant.EPOCH);
        Settlement refused = delivered(2, Instant.EPOCH);
        Settlement last = delivered(3, Instant.EPOCH);
        settler.settle(List.of(first, refused, last));

        assertThatThrownBy(settler::turn).as("all together").hasMessageContaining("Check constraint");
        assertThatThrownBy(settler::turn).as("by itself").hasMessageContaining("Check constraint");
        settler.turn();
        Settlement later = delivered(4, Instant.EPOCH);
        settler.settle(List.of(later));
        settler.turn();

        assertThat(written).containsExactly(first, last, later);
    }

    /** A zero date or PostgreSQL's infinity, which a producer wrote. */
    @Test
    void aDeliveredMessageWhoseCreationIsNoTimeIsRemembered() throws Exception {
        Settlement timeless = delivered(1, null);
        settler.settle(List.of(timeless));
        settler.turn();

        assertThat(written).containsExactly(timeless);
        int remembered = session.query(
                handle -> handle.select("SELECT COUNT(*) FROM bida_outbox_history WHERE created_at = delivered_at")
                        .mapTo(Integer.class)
                        .one());
        assertThat(remembered).isEqualTo(1);
    }

    private static Settlement delivered(long seq, @Nullable Instant createdAt) {
        Claim.Sendable claim = Claims.hot(seq, null);
        Message message = Message.to("orders")
                .id(claim.message().id())
                .type("OrderPlaced")
                .bizId("order-" + seq)
                .payload("{}")
                .createdAt(createdAt)
                .build();
        return new Settlement.Delivered(new Claim.Sendable(claim.row(), message), "proof");
    }
}
