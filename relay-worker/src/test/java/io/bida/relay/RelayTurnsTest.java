package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.Outbox;
import io.bida.outbox.OutboxStore;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All loops of a relay on one thread, turn by turn, so that what happens between two of them is the test's choice. */
class RelayTurnsTest {

    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final int ROOM = 100;

    private final DataSource database = H2.fresh();
    private final Jdbi jdbi = Jdbi.create(database);
    private final Outbox outbox = Outbox.create();
    private final RecordingSender web = new RecordingSender();
    private final List<Session> sessions = new ArrayList<>();
    private final InFlight inFlight = new InFlight();
    private long now;

    private final OutboxStore store = new OutboxStore(H2.DIALECT, DurableQueue.OUTBOX, "node", "relay", false);
    private final LeaseKeeper keeper = new LeaseKeeper(
            "relay",
            LEASE,
            new LeaseStore(H2.DIALECT, DurableQueue.OUTBOX, "node", LEASE),
            session(),
            inFlight,
            () -> true,
            () -> now,
            RelayListener.NONE);
    private final Shipper shipper = new Shipper(
            new Routes(List.of(new Route("**", "web"))),
            landings -> List.of(new Dock(
                    new Destination("web", web, Limits.DEFAULT),
                    ROOM,
                    true,
                    landings,
                    () -> now,
                    () -> 0.5,
                    RelayListener.NONE)),
            new Judge(new RetryPolicy(Duration.ofNanos(1_000), 1, Duration.ofNanos(1_000), 0, 100), () -> 0.5),
            keeper::ownership,
            () -> now,
            inFlight,
            new DatabaseClock(() -> now),
            RelayListener.NONE);
    private final Session reads = session();
    private final Claimer claimer = new Claimer(
            store,
            keeper,
            reads,
            session(),
            new HotReader(store, reads, session(), inFlight, () -> now, ROOM),
            inFlight,
            shipper,
            () -> now,
            new Caution(
                    "relay",
                    new SuspectStore(H2.DIALECT, DurableQueue.OUTBOX, "node"),
                    session(),
                    inFlight,
                    () -> now,
                    ROOM),
            new Claimer.Capacity(ROOM, ROOM, 1 << 20),
            false,
            RelayListener.NONE);
    private final Settler settler =
            new Settler(store, session(), inFlight, ROOM, (settlements, took) -> shipper.written(settlements));

    @BeforeEach
    void start() throws Exception {
        shipper.connect(settler::settle, claimer::drain, claimer::check, claimer::hasten, claimer::resync);
        keep();
    }

    @AfterEach
    void close() {
        sessions.forEach(Session::close);
    }

    /**
     * A lease that ended while settlements could not be written: the relay got the shards back first, found no trace of
     * the failed message in the parked table, and sent the later messages of its key before it.
     */
    @Test
    void afterAnOutageNoMessageOvertakesTheFailedOneOfItsKey() throws Exception {
        publish("1", "2");
        claim();
        shipper.turn();
        web.fail("1");
        shipper.turn();
        loseAndRegainTheLease();
        publish("3");
        claim();
        ship();
        assertThat(web.sent).containsExactly("1");

        finish();
        assertThat(web.sent).containsExactly("1", "1", "2", "3");
    }

    @Test
    void aMessageStillUnderWayIsNotOvertakenEither() throws Exception {
        publish("1", "2");
        claim();
        shipper.turn();
        loseAndRegainTheLease();
        claim();
        ship();
        assertThat(web.sent).containsExactly("1");

        web.fail("1");
        shipper.turn();
        finish();
        assertThat(web.sent).containsExactly("1", "1", "2");
    }

    @Test
    void aClaimThatCameTooLateIsReadAgainBeforeItsSuccessors() throws Exception {
        publish("1");
        claim();
        now += LEASE.toNanos();
        shipper.turn();
        assertThat(web.sent).isEmpty();
        publish("2");
        keep();
        finish();
        assertThat(web.sent).containsExactly("1", "2");
    }

    /** The request was taken out of the queue before the read failed: the key was held until its shard changed hands. */
    @Test
    void aKeyWhoseHeldMessagesCouldNotBeReadIsReadAgain() throws Exception {
        publish("1", "2");
        claim();
        shipper.turn();
        web.fail("1");
        shipper.turn();
        settle();
        now += Duration.ofSeconds(1).toNanos();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            claim();
            ship();
            return web.sent.size() == 2;
        });
        claim();
        web.accept("1");
        shipper.turn();
        settle();
        shipper.turn();

        rename("bida_outbox_parked", "away");
        assertThatThrownBy(this::claim).hasMessageContaining("bida_outbox_parked");
        rename("away", "bida_outbox_parked");
        finish();
        assertThat(web.sent).containsExactly("1", "1", "2");
    }

    private void rename(String from, String to) {
        jdbi.useHandle(handle -> handle.execute("ALTER TABLE " + from + " RENAME TO " + to));
    }

    private void loseAndRegainTheLease() throws InterruptedException {
        now += LEASE.toNanos();
        claim();
        keep();
        claim();
    }

    private void finish() {
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            now += Duration.ofSeconds(1).toNanos();
            keep();
            claim();
            ship();
            web.sent.forEach(web::accept);
            ship();
            settle();
            return empty();
        });
    }

    private void publish(String... bizIds) {
        for (String bizId : bizIds) {
            jdbi.useTransaction(handle -> outbox.publish(
                    handle,
                    Message.to("orders")
                            .type("OrderPlaced")
                            .bizId(bizId)
                            .orderingKey("a")
                            .payload("{}")
                            .build()));
        }
    }

    private boolean empty() {
        return jdbi.withHandle(handle -> handle.createQuery(
                                "SELECT (SELECT COUNT(*) FROM bida_outbox) + (SELECT COUNT(*) FROM bida_outbox_parked)")
                        .mapTo(Integer.class)
                        .one())
                == 0;
    }

    private void keep() throws InterruptedException {
        keeper.wake();
        keeper.turn();
    }

    private void claim() throws InterruptedException {
        claimer.wake();
        claimer.turn();
    }

    /** With something in the mailbox, so that an idle turn does not wait. */
    private void ship() throws InterruptedException {
        shipper.lost(Set.of());
        shipper.turn();
    }

    private void settle() throws InterruptedException {
        if (inFlight.size() > 0) {
            settler.turn();
        }
    }

    private Session session() {
        Session session = Session.readCommitted(database, Dialect.named("h2"));
        sessions.add(session);
        return session;
    }
}
