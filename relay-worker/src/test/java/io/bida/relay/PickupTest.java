package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.outbox.Claim;
import io.bida.outbox.Settlement;
import io.bida.relay.Shipper.Appetite;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shipper, turn by turn, from which messages are fetched by other threads. */
@Timeout(30)
class PickupTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Receipt OK = new Receipt.Accepted("ok");

    private final AtomicLong now = new AtomicLong(7);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final InFlight inFlight = new InFlight();
    private final List<Settlement> settled = new ArrayList<>();
    private final List<String> handled = new ArrayList<>();
    private final Pickup pickup = new Pickup(this::now);
    private final Shipper shipper = shipper();
    private volatile Receipt receipt = OK;

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void whatNobodyAsksForWaitsAndKeepsNoRelayFromEnding() throws Exception {
        ship(1, 2);
        assertThat(inFlight.size()).isEqualTo(2);
        assertThat(shipper.stop(Duration.ofNanos(1))).isFalse();
        shipper.turn();
        assertThat(shipper.stop(Duration.ofNanos(1))).isTrue();
        inFlight.forgetWritten();
        assertThat(inFlight.size()).isZero();
        assertThat(settled).isEmpty();
    }

    @Test
    void whoAsksIsGivenTheFirstAndHandlesItHimself() throws Exception {
        ship(1, 2);
        assertThat(answer(fetch(LONG))).isTrue();
        shipper.turn();
        assertThat(handled).containsExactly("1");
        assertThat(settled).singleElement().isInstanceOf(Settlement.Delivered.class);
    }

    @Test
    void whoWaitsIsGivenWhatComes() throws Exception {
        Future<Boolean> waiting = fetch(LONG);
        shipper.turn();
        ship(1);
        assertThat(answer(waiting)).isTrue();
        assertThat(handled).containsExactly("1");
    }

    @Test
    void whoDoesNotWaitIsToldAtOnceThatNothingIsReady() throws Exception {
        assertThat(answer(fetch(Duration.ZERO))).isFalse();
        ship(1);
        assertThat(answer(fetch(Duration.ZERO))).isTrue();
        assertThat(answer(fetch(Duration.ZERO))).isFalse();
    }

    @Test
    void whatCameTooLateForWhoAskedIsForTheNext() throws Exception {
        assertThat(fetch(Duration.ofMillis(1)).get()).isFalse();
        ship(1);
        assertThat(settled).isEmpty();
        assertThat(answer(fetch(Duration.ZERO))).isTrue();
        assertThat(handled).containsExactly("1");
    }

    @Test
    void theNextOfAKeyIsReadyWhenTheOneBeforeIsHandled() throws Exception {
        shipper.ship(entered(Claims.hot(1, "a"), Claims.hot(2, "a")));
        Future<Boolean> both =
                threads.submit(() -> pickup.fetch(LONG, this::handle) && pickup.fetch(Duration.ZERO, this::handle));
        assertThat(answer(both)).isTrue();
        assertThat(handled).containsExactly("1", "2");
    }

    @Test
    void whatItsHandlerThrowsIsNoAnswer() throws Exception {
        ship(1);
        Future<Boolean> broken = threads.submit(() -> pickup.fetch(LONG, claim -> {
            throw new IllegalStateException("broken");
        }));
        assertThat(answer(broken)).isTrue();
        shipper.turn();
        assertThat(settled)
                .singleElement()
                .isInstanceOfSatisfying(
                        Settlement.Retry.class,
                        retry -> assertThat(retry.attempt().error()).contains("broken"));
    }

    @Test
    void whoIsInterruptedTakesNothing() throws Exception {
        Future<String> interrupted = threads.submit(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> pickup.fetch(LONG, this::handle)).isInstanceOf(InterruptedException.class);
            return "told";
        });
        assertThat(interrupted.get()).isEqualTo("told");
        ship(1);
        assertThat(handled).isEmpty();
    }

    @Test
    void whoWaitsGoesAwayEmptyWhenItIsClosed() throws Exception {
        Future<Boolean> waiting = fetch(LONG);
        while (!pickup.isAskedFor()) {
            Thread.onSpinWait();
        }
        pickup.close();
        assertThat(waiting.get()).isFalse();
        ship(1);
        assertThat(fetch(LONG).get()).isFalse();
        assertThat(handled).isEmpty();
    }

    /** And no more than that is claimed, or all that waits would be deferred again and again. */
    @Test
    void whileItIsDownOneMessageWaitsForWhoeverAsksNext() throws Exception {
        receipt = new Receipt.Failed("busy");
        ship(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        for (int i = 0; i < 10; i++) {
            assertThat(answer(fetch(LONG))).isTrue();
        }
        tick();
        assertThat(shipper.appetite()).isEqualTo(Appetite.NONE);
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        tick();
        assertThat(shipper.appetite()).isEqualTo(Appetite.PROBE);
        ship(11, 12);
        assertThat(shipper.appetite()).isEqualTo(Appetite.NONE);

        receipt = OK;
        assertThat(answer(fetch(Duration.ZERO))).isTrue();
        tick();
        assertThat(handled).endsWith("11");
        assertThat(shipper.appetite()).isEqualTo(Appetite.FULL);
    }

    @Test
    void itIsWantedUntilNobodyHasAskedForAMinuteAndWhoAsksThenIsHeard() throws Exception {
        List<Long> heard = new ArrayList<>();
        pickup.whenWanted(() -> heard.add(now()));
        now.addAndGet(Pickup.PATIENCE.toNanos() - 1);
        assertThat(pickup.isWanted()).isTrue();
        answer(fetch(Duration.ZERO));
        assertThat(heard).isEmpty();
        now.addAndGet(Pickup.PATIENCE.toNanos());
        assertThat(pickup.isWanted()).isFalse();
        answer(fetch(Duration.ZERO));
        assertThat(heard).hasSize(1);
        assertThat(pickup.isWanted()).isTrue();
    }

    private long now() {
        return now.get();
    }

    private Future<Boolean> fetch(Duration wait) {
        return threads.submit(() -> pickup.fetch(wait, this::handle));
    }

    private Receipt handle(Claim.Sendable claim) {
        handled.add(claim.message().bizId().value());
        return receipt;
    }

    /** While the shipper takes its turns. */
    private boolean answer(Future<Boolean> fetched) throws Exception {
        while (!fetched.isDone()) {
            shipper.turn();
        }
        return fetched.get();
    }

    private void ship(long... seqs) throws InterruptedException {
        List<Claim> claims = new ArrayList<>();
        for (long seq : seqs) {
            claims.add(Claims.hot(seq, null));
        }
        shipper.ship(entered(claims.toArray(Claim[]::new)));
        shipper.turn();
    }

    private List<Claim> entered(Claim... claims) {
        List.of(claims).forEach(inFlight::enter);
        return List.of(claims);
    }

    /** A turn with nothing in the mailbox, without its wait. */
    private void tick() throws InterruptedException {
        shipper.lost(Set.of());
        shipper.turn();
    }

    private Shipper shipper() {
        Ownership leased = new Ownership(Map.of(Claims.SHARD, Claims.EPOCH), Set.of(), Long.MAX_VALUE / 2);
        Shipper made = new Shipper(
                new Routes(List.of(new Route("**", "handler"))),
                landings -> List.of(new Dock(
                        new Destination("handler", pickup, Limits.DEFAULT),
                        100,
                        true,
                        landings,
                        this::now,
                        () -> 0.5,
                        RelayListener.NONE)),
                new Judge(RetryPolicy.DEFAULT, () -> 0.5),
                () -> leased,
                this::now,
                inFlight,
                new DatabaseClock(this::now),
                RelayListener.NONE);
        made.connect(settled::addAll, line -> {}, lines -> {}, dock -> {}, () -> {});
        return made;
    }
}
