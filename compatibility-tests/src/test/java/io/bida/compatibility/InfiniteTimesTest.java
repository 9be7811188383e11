package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.outbox.MessageFilter;
import io.bida.outbox.OutboxAdmin;
import io.bida.relay.Relay;
import io.bida.relay.Route;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL has times before and after all others, and a producer who writes SQL may say "never expires" so. */
class InfiniteTimesTest {

    private final Schema schema = new Schema(Store.POSTGRESQL);
    private final RecordingSender web = new RecordingSender();

    @AfterEach
    void close() {
        schema.close();
    }

    @Test
    void aTimeThatIsNoneStopsNeitherItsMessageNorTheOthers() {
        schema.insert("orders", "always", "expires_at", "'infinity'");
        schema.insert("orders", "made-never", "created_at", "'infinity'");
        schema.insert("orders", "made-ever", "created_at", "'-infinity'");
        schema.insert("orders", "made-in-rome", "created_at", "'0044-03-15 BC'");
        schema.insert("orders", "due-ever", "due_at", "'-infinity'");
        schema.insert("orders", "due-never", "due_at", "'infinity'");
        schema.insert("orders", "expired-ever", "expires_at", "'-infinity'");
        schema.insert("orders", "good", null, null);

        try (Relay relay = Relay.builder()
                .name("test-relay")
                .dataSource(schema.dataSource)
                .history(Duration.ofHours(1))
                .sender("web", web)
                .route(new Route("**", "web"))
                .build()) {
            relay.start();
            await().untilAsserted(() -> assertThat(schema.count("bida_outbox")).isZero());
        }

        assertThat(web.bizIds()).containsExactlyInAnyOrder("always", "made-never", "made-ever", "due-ever", "good");
        assertThat(schema.count("bida_outbox_history")).isEqualTo(5);
        assertThat(schema.parked()).containsExactly("DEAD expired-ever", "DEAD made-in-rome", "SCHEDULED due-never");
        assertThat(OutboxAdmin.on(schema.dataSource)
                        .find(MessageFilter.ALL, null, 10)
                        .messages())
                .hasSize(3);
    }
}
