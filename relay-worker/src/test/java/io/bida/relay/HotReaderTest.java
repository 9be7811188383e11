package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Room;
import io.bida.outbox.Shards;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HotReaderTest {

    private static final Map<Integer, Long> LEASES =
            IntStream.range(0, Shards.COUNT).boxed().collect(Collectors.toMap(shard -> shard, shard -> 1L));

    private final DataSource database = H2.fresh();
    private final Jdbi jdbi = Jdbi.create(database);
    private final Session committed = Session.readCommitted(database, H2.DIALECT);
    private final Session open = Session.readCommitted(database, H2.DIALECT);
    private final HotReader reader = new HotReader(
            new OutboxStore(H2.DIALECT, DurableQueue.OUTBOX, "node", "relay", false),
            committed,
            open,
            new InFlight(),
            () -> 0,
            100);

    @AfterEach
    void close() {
        committed.close();
        open.close();
    }

    /** Its last message and the new one may be of one key, of which the new one was published after it. */
    @Test
    void whatIsNewWaitsUntilAllOfALateTransactionWasRead() {
        List<Long> read = new ArrayList<>();
        try (Handle late = jdbi.open()) {
            late.begin();
            insert(late, 5);
            jdbi.useHandle(handle -> insert(handle, 1));
            read.addAll(read(100));
            late.commit();
        }
        jdbi.useHandle(handle -> insert(handle, 1));
        for (int turn = 0; turn < 4; turn++) {
            read.addAll(read(2));
        }
        assertThat(read).containsExactly(6L, 1L, 2L, 3L, 4L, 5L, 7L);
    }

    private List<Long> read(int most) {
        return reader.read(LEASES, new Room(most, 1 << 20, 1 << 20)).stream()
                .map(Claim::row)
                .map(Claim.Row::seq)
                .toList();
    }

    private static void insert(Handle handle, int messages) {
        for (int i = 0; i < messages; i++) {
            handle.execute(
                    "INSERT INTO bida_outbox (topic, type, biz_id, payload) VALUES ('orders', 'Placed', ?, X'00')", i);
        }
    }
}
