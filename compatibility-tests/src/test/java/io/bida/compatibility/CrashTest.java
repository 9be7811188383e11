package io.bida.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.outbox.Outbox;
import io.bida.transport.Answer;
import io.bida.transport.http.HttpReceiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two relays in processes of their own, killed or paused in turns under load: what was committed is handled once, what was rolled
 * back never, and each key's first arrivals keep their order.
 */
@Timeout(300)
@ParameterizedClass
@EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
class CrashTest {

    private static final int KEYS = 50;
    private static final int PUBLISHERS = 4;
    private static final int MOST_WAITING = 1_000;
    private static final int PROGRESS = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Outbox outbox = Outbox.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore room = new Semaphore(MOST_WAITING);
    private final Arrivals arrivals = new Arrivals(room);
    private final Queue<String> committed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger rolledBack = new AtomicInteger();
    private final ChildRelay[] relays = new ChildRelay[2];
    private final Store store;
    private final Schema schema;
    private final HttpReceiver receiver;

    private volatile boolean publishing = true;

    @TempDir
    private Path folder = Path.of("");

    private Path config = Path.of("");

    CrashTest(Store store) {
        this.store = store;
        schema = new Schema(store);
        schema.jdbi.useHandle(handle -> {
            handle.execute("CREATE TABLE account (id INT NOT NULL PRIMARY KEY, number INT NOT NULL)");
            handle.execute("CREATE TABLE effect (biz_id VARCHAR(100) NOT NULL)");
            for (int id = 0; id < KEYS; id++) {
                handle.execute("INSERT INTO account (id, number) VALUES (?, 0)", id);
            }
        });
        Inbox inbox = Inbox.forGroup("effects").on(schema.dataSource).build();
        receiver = HttpReceiver.to(message -> receive(inbox, message))
                .maxPayload(1_000)
                .open();
    }

    @AfterEach
    void close() {
        publishing = false;
        Arrays.stream(relays).forEach(CrashTest::close);
        threads.shutdownNow();
        receiver.close();
        schema.close();
    }

    @Test
    void relaysKilledInTurnsLoseNothingAndKeepTheOrderOfEachKey() throws Exception {
        underLoad("kills", store == Store.MARIADB ? 20 : 6, victim -> {
            relays[victim].kill();
            relays[victim] = start();
        });
    }

    @Test
    void relaysPausedBeyondTheirLeasesLoseNothingAndKeepTheOrderOfEachKey() throws Exception {
        underLoad("pauses", store == Store.MARIADB ? 6 : 2, victim -> {
            relays[victim].pause();
            await().atMost(PATIENCE).until(() -> !holdsShards(relays[victim].node()));
            awaitArrivals();
            relays[victim].resume();
        });
    }

    private interface Fault {
        void befall(int victim);
    }

    private void underLoad(String faults, int rounds, Fault fault) throws Exception {
        long begin = System.nanoTime();
        relays[0] = start();
        relays[1] = start();
        List<Future<?>> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            int number = i;
            publishers.add(threads.submit(() -> publish(number)));
        }
        for (int round = 0; round < rounds; round++) {
            awaitWork(relays[round % 2]);
            fault.befall(round % 2);
        }
        awaitWork(relays[rounds % 2]);
        publishing = false;
        for (Future<?> publisher : publishers) {
            publisher.get();
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(arrivals.first()).isGreaterThanOrEqualTo(committed.size()));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(schema.count("bida_outbox") + schema.count("bida_outbox_parked"))
                        .isZero());
        judge(rounds + " " + faults, (System.nanoTime() - begin) / 1e9);
    }

    private void judge(String faults, double seconds) {
        List<String> effects = schema.strings("SELECT biz_id FROM effect");
        Set<String> distinct = Set.copyOf(effects);
        long lost =
                committed.stream().filter(bizId -> !distinct.contains(bizId)).count();
        int twice = effects.size() - distinct.size();
        System.out.printf(
                "%s: published %d, rolled back %d, arrived %d, re-sent %d, lost %d, twice %d, out of order %d, %s, %.0f s%n",
                store,
                committed.size(),
                rolledBack.get(),
                arrivals.first(),
                arrivals.again(),
                lost,
                twice,
                arrivals.disorder().size(),
                faults,
                seconds);

        assertThat(lost).isZero();
        assertThat(twice).isZero();
        assertThat(effects).containsExactlyInAnyOrderElementsOf(committed);
        assertThat(arrivals.disorder()).isEmpty();
        assertThat(rolledBack).hasPositiveValue();
        assertThat(arrivals.again()).as("faults in the middle of a batch").isPositive();
    }

    /** Until the relay holds shards and messages went on to arrive since. */
    private void awaitWork(ChildRelay relay) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .failFast(() -> assertThat(relay.isAlive()).as(relay.errors()).isTrue())
                .until(() -> holdsShards(relay.node()));
        awaitArrivals();
    }

    private void awaitArrivals() {
        int before = arrivals.first();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> arrivals.first() >= before + PROGRESS);
    }

    private boolean holdsShards(String node) {
        return !node.isEmpty()
                && schema.jdbi.withHandle(
                        handle -> handle.createQuery("SELECT COUNT(*) FROM bida_lease WHERE owner = :node")
                                        .bind("node", node)
                                        .mapTo(Integer.class)
                                        .one()
                                > 0);
    }

    private ChildRelay start() {
        return ChildRelay.start(config, schema.database.password());
    }

    @BeforeEach
    void writeConfiguration() throws IOException {
        config = Files.writeString(
                folder.resolve("relay.yaml"),
                "name: crash-relay\n" + ChildRelay.database(schema.database) + """
                transports: { web: { type: http, url: "http://127.0.0.1:%d/events", timeout: 5s } }
                routes: [ { topic: "**", to: web } ]
                retry: { first: 50ms, factor: 2, max: 1s, attempts: 1000 }
                relay: { lease: 2s, batch: 200, in-flight: 400, history: off }
                """.formatted(receiver.port()));
    }

    private Answer receive(Inbox inbox, Message message) {
        arrivals.record(message);
        return inbox.handle(
                message,
                (tx, m) -> tx.execute(
                        "INSERT INTO effect (biz_id) VALUES (?)", m.bizId().value()));
    }

    private void publish(int publisher) {
        for (int i = 0; publishing; i++) {
            room.acquireUninterruptibly(2);
            String loose = publisher + "-" + i;
            boolean rollBack = i % 10 == 9;
            List<String> published = schema.jdbi.withHandle(handle -> {
                handle.begin();
                List<String> bizIds = order(handle, loose, rollBack);
                if (rollBack) {
                    handle.rollback();
                } else {
                    handle.commit();
                }
                return bizIds;
            });
            if (rollBack) {
                rolledBack.addAndGet(published.size());
                room.release(2);
            } else {
                committed.addAll(published);
            }
        }
    }

    /** One business transaction: the row that it locks is what puts the messages of a key in order. */
    private List<String> order(Handle transaction, String loose, boolean rollBack) {
        int account = ThreadLocalRandom.current().nextInt(KEYS);
        int number = transaction
                        .createQuery("SELECT number FROM account WHERE id = :id FOR UPDATE")
                        .bind("id", account)
                        .mapTo(Integer.class)
                        .one()
                + 1;
        transaction.execute("UPDATE account SET number = ? WHERE id = ?", number, account);
        String key = "key-" + account;
        String keyed = (rollBack ? "undone-" + loose : key) + "/" + number;
        outbox.publish(
                transaction,
                List.of(Schema.message(keyed, key), Schema.message((rollBack ? "undone/" : "loose/") + loose, null)));
        return List.of(keyed, "loose/" + loose);
    }

    private static void close(@Nullable ChildRelay relay) {
        if (relay != null) {
            relay.close();
        }
    }

    /** What the receiver saw, before the inbox did. */
    private static final class Arrivals {

        private final Semaphore room;
        private final Set<String> seen = new HashSet<>();
        private final Map<String, Integer> numbers = new HashMap<>();
        private final List<String> disorder = new ArrayList<>();
        private int again;

        Arrivals(Semaphore room) {
            this.room = room;
        }

        synchronized void record(Message message) {
            String bizId = message.bizId().value();
            if (!seen.add(bizId)) {
                again++;
                return;
            }
            room.release();
            String key = message.orderingKey();
            if (key != null) {
                int number = Integer.parseInt(bizId.substring(bizId.indexOf('/') + 1));
                Integer last = numbers.put(key, number);
                if (number != (last == null ? 0 : last) + 1) {
                    disorder.add(bizId + " after " + last);
                }
            }
        }

        synchronized int first() {
            return seen.size();
        }

        synchronized int again() {
            return again;
        }

        synchronized List<String> disorder() {
            return List.copyOf(disorder);
        }
    }
}
