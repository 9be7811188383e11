package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.outbox.Outbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A message that takes down every process that sends it is found after some crashes, and the others are delivered. */
@Timeout(180)
@ParameterizedClass
@EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
class KillerMessageTest {

    private static final int MOST_CRASHES = 6;

    @TempDir
    private Path folder = Path.of("");

    private final List<ChildRelay> relays = new ArrayList<>();
    private final Schema schema;

    KillerMessageTest(Store store) {
        schema = new Schema(store);
    }

    @AfterEach
    void close() {
        relays.forEach(ChildRelay::close);
        schema.close();
    }

    @Test
    void itEndsDeadWithItsReasonAndAllOthersAreDelivered() throws IOException {
        publish("before", 100);
        publish(KillableSenderFactory.KILLER, 1);
        publish("after", 100);
        Path config = Files.writeString(
                folder.resolve("relay.yaml"), "name: killed-relay\n" + ChildRelay.database(schema.database) + """
                transports: { sink: { type: killable } }
                routes: [ { topic: "**", to: sink } ]
                relay: { lease: 1s, history: off }
                """);

        int crashes = 0;
        ChildRelay relay = start(config);
        while (!isDone()) {
            if (!relay.isAlive()) {
                crashes++;
                assertThat(crashes).as(this::errors).isLessThanOrEqualTo(MOST_CRASHES);
                relay = start(config);
            }
            ChildRelay running = relay;
            await().atMost(Duration.ofSeconds(60)).until(() -> !running.isAlive() || isDone());
        }

        assertThat(schema.parked()).containsExactly("DEAD " + KillableSenderFactory.KILLER);
        assertThat(schema.deadReasons().get(0)).startsWith("The relay ended 3 times while this message was under way");
        assertThat(crashes).isBetween(3, MOST_CRASHES);
        await().untilAsserted(() -> assertThat(schema.count("bida_suspect")).isZero());
    }

    private String errors() {
        return relays.stream().map(ChildRelay::errors).collect(Collectors.joining("\n"));
    }

    private boolean isDone() {
        return schema.count("bida_outbox") == 0;
    }

    private void publish(String name, int count) {
        Outbox outbox = Outbox.create();
        schema.jdbi.useTransaction(transaction -> {
            for (int i = 0; i < count; i++) {
                outbox.publish(transaction, Schema.message(count == 1 ? name : name + "-" + i, null));
            }
        });
    }

    private ChildRelay start(Path config) {
        ChildRelay relay = ChildRelay.start(config, schema.database.password());
        relays.add(relay);
        return relay;
    }
}
