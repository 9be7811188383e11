package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A million messages of 200 keys, 20 of which fail for a while, through two relays in processes of their own, one of which
 * is paused beyond its lease and resumed, the other killed.
 */
@Timeout(600)
@ParameterizedClass
@EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
class MillionTest {

    private static final int MESSAGES = 1_000_000;
    private static final int KEYS = 200;
    private static final int FAILING = 20;
    private static final int ROWS = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Arrivals arrivals = new Arrivals();
    private final List<ChildRelay> relays = new ArrayList<>();
    private final Store store;
    private final Schema schema;
    private final SocketReceiver receiver = new SocketReceiver(arrivals::take);

    @TempDir
    private Path folder = Path.of("");

    MillionTest(Store store) {
        this.store = store;
        schema = new Schema(store);
    }

    @AfterEach
    void close() {
        relays.forEach(ChildRelay::close);
        receiver.close();
        schema.close();
    }

    @Test
    void noneIsLostAndTheFirstArrivalsOfEachKeyKeepTheirOrder() throws Exception {
        long begin = System.nanoTime();
        publish(0, MESSAGES / 4);
        ChildRelay paused = start();
        ChildRelay killed = start();
        CompletableFuture<Void> most = CompletableFuture.runAsync(() -> publish(MESSAGES / 4, MESSAGES * 3 / 4));

        awaitArrived(MESSAGES / 10);
        paused.pause();
        await().atMost(PATIENCE).until(() -> !holdsShards(paused));
        awaitArrived(arrivals.first.get() + MESSAGES / 20);
        paused.resume();
        awaitArrived(MESSAGES * 4 / 10);
        arrivals.mend();
        await().atMost(PATIENCE).until(() -> holdsShards(paused) && holdsShards(killed));
        most.get();
        arrivals.silent = true;
        CompletableFuture<Void> rest = CompletableFuture.runAsync(() -> publish(MESSAGES * 3 / 4, MESSAGES));
        await().atMost(PATIENCE).until(() -> arrivals.unanswered.get() == relays.size());
        killed.kill();
        arrivals.silent = false;
        rest.get();

        awaitArrived(MESSAGES);
        await().atMost(PATIENCE).until(() -> schema.count("bida_outbox") + schema.count("bida_outbox_parked") == 0);
        System.out.printf(
                "%s: %,d messages of %d keys, %d of which failed %,d times; two relays, one paused beyond its lease and"
                        + " resumed, one killed: lost %d, first arrivals out of order %d, re-sent %,d; %.0f s%n",
                store,
                MESSAGES,
                KEYS,
                FAILING,
                arrivals.refused.get(),
                MESSAGES - arrivals.first.get(),
                arrivals.disorder.get(),
                arrivals.again.get(),
                (System.nanoTime() - begin) / 1e9);

        assertThat(arrivals.first).hasValue(MESSAGES);
        assertThat(arrivals.disorder).hasValue(0);
        assertThat(arrivals.refused.get()).as("the failing keys failed").isGreaterThan(FAILING);
        assertThat(arrivals.again.get())
                .as("what was under way when a relay ended was sent again")
                .isPositive();
    }

    private void awaitArrived(int messages) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .failFast(() ->
                        assertThat(relays.get(0).isAlive()).as(this::errors).isTrue())
                .until(() -> arrivals.first.get() >= messages);
    }

    private String errors() {
        return relays.stream().map(ChildRelay::errors).collect(Collectors.joining("\n"));
    }

    private boolean holdsShards(ChildRelay relay) {
        return schema.jdbi.withHandle(handle -> handle.createQuery(
                                "SELECT COUNT(*) FROM bida_lease WHERE owner = :node AND expires_at > "
                                        + schema.database.dialect().now())
                        .bind("node", relay.node())
                        .mapTo(Integer.class)
                        .one())
                > 0;
    }

    private ChildRelay start() throws IOException {
        Path config = Files.writeString(
                folder.resolve("relay.yaml"),
                "name: million-relay\n" + ChildRelay.database(schema.database) + """
                transports: { sink: { type: socket, port: %d } }
                routes: [ { topic: "**", to: sink } ]
                retry: { first: 100ms, factor: 2, max: 1s, attempts: 1000 }
                relay: { lease: 2s, history: off }
                """.formatted(receiver.port()));
        ChildRelay relay = ChildRelay.start(config, schema.database.password());
        relays.add(relay);
        return relay;
    }

    /** Message n is number n / keys of key n % keys. */
    private void publish(int from, int to) {
        for (int first = from; first < to; first += ROWS) {
            String rows = IntStream.range(first, Math.min(first + ROWS, to))
                    .mapToObj(n ->
                            "('orders','OrderPlaced','" + n % KEYS + "/" + n / KEYS + "','key-" + n % KEYS + "','{}')")
                    .collect(Collectors.joining(","));
            schema.database.execute(
                    "INSERT INTO bida_outbox (topic, type, biz_id, ordering_key, payload) VALUES " + rows);
        }
    }

    /** What came to the receiver, for each key in the order of its coming. */
    private static final class Arrivals {

        final AtomicInteger first = new AtomicInteger();
        final AtomicInteger again = new AtomicInteger();
        final AtomicInteger disorder = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();
        private final List<BitSet> seen =
                IntStream.range(0, KEYS).mapToObj(key -> new BitSet()).toList();
        private volatile boolean mended;

        /** Whether what is taken waits for its answer. */
        volatile boolean silent;

        /** How many senders wait for one. */
        final AtomicInteger unanswered = new AtomicInteger();

        void mend() {
            mended = true;
        }

        boolean take(String bizId) {
            int slash = bizId.indexOf('/');
            int key = Integer.parseInt(bizId.substring(0, slash));
            int number = Integer.parseInt(bizId.substring(slash + 1));
            if (key < FAILING && number > 100 && !mended) {
                refused.incrementAndGet();
                return false;
            }
            BitSet numbers = seen.get(key);
            synchronized (numbers) {
                if (numbers.get(number)) {
                    again.incrementAndGet();
                    return true;
                }
                if (numbers.length() != number) {
                    disorder.incrementAndGet();
                }
                numbers.set(number);
            }
            first.incrementAndGet();
            if (silent) {
                unanswered.incrementAndGet();
                await().atMost(PATIENCE).until(() -> !silent);
                unanswered.decrementAndGet();
            }
            return true;
        }
    }
}
