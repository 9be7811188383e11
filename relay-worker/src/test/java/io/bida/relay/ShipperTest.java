package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.Claim.Timing;
import io.bida.outbox.OutboxStore.HeldKey;
import io.bida.outbox.Settlement;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The shipper, turn by turn: what is claimed, answered and written here happens in exactly this order. */
class ShipperTest {

    private static final Duration DEADLINE = Limits.DEFAULT.deadline();
    private static final Ownership LEASED =
            new Ownership(Map.of(Claims.SHARD, Claims.EPOCH), Set.of(), Long.MAX_VALUE / 2);

    private final RecordingSender web = new RecordingSender();
    private final InFlight inFlight = new InFlight();
    private final List<Settlement> settled = new ArrayList<>();
    private final List<KeyLine> drains = new ArrayList<>();
    private final List<List<KeyLine>> checks = new ArrayList<>();
    private Ownership ownership = LEASED;
    private long now;
    private int resyncs;
    private final List<RelayListener.Attempt> attempts = new ArrayList<>();
    private final DatabaseClock databaseClock = new DatabaseClock(() -> now);
    private final RelayListener listener = new RelayListener() {
        @Override
        public void attempted(Attempt attempt) {
            attempts.add(attempt);
        }
    };
    private final Shipper shipper = shipper(web);

    @Test
    void messagesWithoutAKeyGoAtOnce() throws Exception {
        ship(Claims.hot(1, null), Claims.hot(2, null));
        assertThat(web.sent).containsExactly("1", "2");
    }

    @Test
    void eachAttemptIsToldWithTheAgeOfItsMessageByTheDatabasesClock() throws Exception {
        Claim.Sendable claim = Claims.hot(1, null);
        databaseClock.read(Claims.CREATED.plusMillis(70), now);
        ship(claim, Claims.hot(2, null));
        now += Duration.ofMillis(30).toNanos();
        web.accept("1");
        web.fail("2");
        shipper.turn();
        assertThat(attempts).hasSize(2);
        assertThat(attempts.get(0).isAccepted()).isTrue();
        assertThat(attempts.get(0).took()).isEqualTo(Duration.ofMillis(30));
        assertThat(attempts.get(0).age()).contains(Duration.ofMillis(100));
        assertThat(attempts.get(1).isAccepted()).isFalse();
    }

    @Test
    void oneMessageOfAKeyIsUnderWayAtATime() throws Exception {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"), Claims.hot(3, "b"));
        assertThat(web.sent).containsExactly("1", "3");
        web.accept("1");
        shipper.turn();
        assertThat(web.sent).containsExactly("1", "3", "2");
        assertThat(outcomes()).containsExactly("Delivered 1");
    }

    @Test
    void aFailureParksTheLineBehindItAndOtherKeysGoOn() throws Exception {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"), Claims.hot(3, "a"), Claims.hot(4, "b"));
        web.fail("1");
        shipper.turn();
        ship(Claims.hot(5, "a"), Claims.hot(6, "b"));
        web.accept("4");
        shipper.turn();
        assertThat(outcomes()).containsExactly("Retry 1", "Held 2", "Held 3", "Held 5", "Delivered 4");
        assertThat(web.sent).containsExactly("1", "4", "6");
    }

    @Test
    void whenTheFailedMessageHasGoneThoseBehindItFollowInOrderAndTheKeyIsFree() throws Exception {
        holdKeyBehind1();
        ship(Claims.parked(Place.RETRY, 1, "a"));
        assertThat(web.sent).containsExactly("1", "1");
        web.accept("1");
        shipper.turn();
        assertThat(drains).as("the table has to be written first").isEmpty();
        writeAll();
        assertThat(drains).hasSize(1);

        drained(List.of(), Claims.parked(Place.HELD, 2, "a"), Claims.parked(Place.HELD, 3, "a"));
        assertThat(web.sent).containsExactly("1", "1", "2");
        web.accept("2");
        shipper.turn();
        ship(Claims.hot(4, "a"));
        web.accept("3");
        shipper.turn();
        writeAll();
        drained(List.of(), Claims.parked(Place.HELD, 4, "a"));
        web.accept("4");
        shipper.turn();
        writeAll();
        drained(List.of());
        ship(Claims.hot(5, "a"));
        assertThat(web.sent).containsExactly("1", "1", "2", "3", "4", "5");
    }

    @Test
    void aMessageParkedWhileThoseBeforeItWereReadIsNotForgotten() throws Exception {
        holdKeyBehind1();
        ship(Claims.parked(Place.RETRY, 1, "a"));
        web.accept("1");
        shipper.turn();
        writeAll();
        ship(Claims.hot(4, "a"));
        drained(List.of());
        assertThat(drains).as("not before it is written").isEmpty();
        writeAll();
        drained(List.of(), Claims.parked(Place.HELD, 4, "a"));
        assertThat(web.sent).containsExactly("1", "1", "4");
    }

    @Test
    void whatIsBehindARetryStaysWhereItIs() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.HELD)));
        shipper.turn();
        drained(List.of(held("a", HeldKey.State.RETRY)), Claims.parked(Place.HELD, 2, "a"));
        assertThat(web.sent).isEmpty();
        assertThat(inFlight.size()).isZero();
        assertThat(drains).isEmpty();
    }

    /** The retry had gone when its key was still being read: nobody would have asked again for a minute. */
    @Test
    void aRetryThatWentWhileItsKeyWasReadIsNoReasonToStop() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.HELD)));
        shipper.turn();
        ship(Claims.parked(Place.RETRY, 1, "a"));
        web.accept("1");
        shipper.turn();
        drained(List.of(held("a", HeldKey.State.RETRY)), Claims.parked(Place.HELD, 2, "a"));
        assertThat(web.sent).containsExactly("1");
        writeAll();
        drained(List.of(), Claims.parked(Place.HELD, 2, "a"));
        assertThat(web.sent).containsExactly("1", "2");
    }

    /** They were dropped and are not yet forgotten: the key is not free because none of them could be claimed. */
    @Test
    void aKeyWhoseHeldMessagesAreStillInFlightIsReadAgain() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.HELD)));
        shipper.turn();
        shipper.drained(drains.remove(0), List.of(), List.of(), false);
        shipper.turn();
        assertThat(drains).hasSize(1);
        ship(Claims.hot(4, "a"));
        assertThat(web.sent).isEmpty();
    }

    @Test
    void aDeadMessageLetsItsKeyGoOn() throws Exception {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"));
        web.reject("1");
        shipper.turn();
        assertThat(outcomes()).containsExactly("Dead 1");
        assertThat(web.sent).containsExactly("1", "2");
    }

    @Test
    void onARouteThatHoldsADeadMessageHoldsItsKey() throws Exception {
        ship(strict(Place.HOT, 1, Timing.DUE), strict(Place.HOT, 2, Timing.DUE));
        web.reject("1");
        shipper.turn();
        ship(strict(Place.HOT, 3, Timing.DUE));
        writeAll();
        assertThat(outcomes()).containsExactly("Dead 1", "Held 2", "Held 3");
        assertThat(web.sent).containsExactly("1");
    }

    /** It held its key a minute later only, when all held keys are looked for. */
    @Test
    void thereAMessageThatDiesUnsentHoldsItsKeyToo() throws Exception {
        ship(
                strict(Place.HOT, 1, Timing.DUE),
                Claims.unreadable("strict", Place.HOT, 2, "a"),
                strict(Place.HOT, 3, Timing.DUE));
        web.accept("1");
        shipper.turn();
        assertThat(outcomes()).containsExactly("Dead 2", "Held 3", "Delivered 1");
        writeAll();
        drained(
                List.of(new HeldKey("a", Claims.SHARD, "strict", HeldKey.State.DEAD, "Rejected: malformed")),
                strict(Place.HELD, 3, Timing.DUE));
        assertThat(web.sent).containsExactly("1");
    }

    @Test
    void whatWasReadBehindAMessageThatDiesUnsentStaysBehindIt() throws Exception {
        shipper.held(List.of(new HeldKey("a", Claims.SHARD, "strict", HeldKey.State.HELD, "")));
        shipper.turn();
        drained(List.of(), strict(Place.HELD, 2, Timing.EXPIRED), strict(Place.HELD, 3, Timing.DUE));
        assertThat(outcomes()).containsExactly("Dead 2");
        assertThat(web.sent).isEmpty();
    }

    @Test
    void whatCannotBeSentEndsWithItsReason() throws Exception {
        ship(
                Claims.unreadable("orders", Place.HOT, 1, null),
                Claims.sendable("orders", Place.HOT, 2, null, 0, Timing.EXPIRED),
                Claims.sendable("orders", Place.HOT, 3, null, 0, Timing.EARLY),
                Claims.sendable("nowhere", Place.HOT, 4, "a", 0, Timing.DUE),
                Claims.hot(5, "a"));
        assertThat(outcomes()).containsExactly("Dead 1", "Dead 2", "Scheduled 3", "Dead 4");
        assertThat(web.sent).containsExactly("5");
    }

    @Test
    void aMessageUnderWayForTooLongIsUnknownAndItsLateAnswerChangesNothing() throws Exception {
        ship(Claims.hot(1, "a"));
        now += DEADLINE.toNanos() - 1;
        tick();
        assertThat(outcomes()).isEmpty();
        now += 1;
        tick();
        assertThat(attempts()).containsExactly("unknown: No answer within 60000 ms.");
        web.accept("1");
        shipper.turn();
        assertThat(outcomes()).containsExactly("Retry 1");
    }

    @Test
    void aStageThatFailsOrAnswersNothingIsUnknown() throws Exception {
        ship(Claims.hot(1, null), Claims.hot(2, null));
        web.answer("1").completeExceptionally(new IllegalStateException("cut"));
        web.answer("2").complete(null);
        shipper.turn();
        assertThat(attempts())
                .containsExactly(
                        "unknown: No answer: java.lang.IllegalStateException: cut", "unknown: No answer: null");
    }

    @Test
    void aSenderThatBreaksIsUnknownAndSendsNothingTwice() throws Exception {
        List<Integer> calls = new ArrayList<>();
        Shipper broken = shipper(sender(messages -> {
            calls.add(messages);
            throw new NoClassDefFoundError("codec");
        }));
        broken.ship(entered(Claims.hot(1, null), Claims.hot(2, null)));
        broken.turn();
        broken.turn();
        assertThat(calls).containsExactly(2);
        assertThat(attempts())
                .hasSize(2)
                .allMatch(text -> text.equals("unknown: web broke: java.lang.NoClassDefFoundError: codec"));
    }

    @Test
    void aSenderThatReturnsTooFewOrNoStagesIsUnknownForTheRest() throws Exception {
        for (int returned = 0; returned <= 3; returned++) {
            settled.clear();
            int count = returned;
            Shipper lazy = shipper(sender(messages -> {
                var accepted = CompletableFuture.<Receipt>completedStage(new Receipt.Accepted("ok"));
                return count == 2 ? Arrays.asList(accepted, null) : Collections.nCopies(count, accepted);
            }));
            lazy.ship(entered(Claims.hot(1, null), Claims.hot(2, null)));
            lazy.turn();
            lazy.turn();
            assertThat(outcomes())
                    .as("%s stages", returned)
                    .containsExactly(
                            returned > 0 ? "Delivered 1" : "Retry 1", returned > 2 ? "Delivered 2" : "Retry 2");
        }
    }

    @Test
    void aFaultInOneEventCostsNoOther() throws Exception {
        shipper.connect(settled::addAll, drains::add, checks::add, dock -> {}, () -> {
            throw new IllegalStateException("fault");
        });
        ownership = Ownership.NONE;
        shipper.ship(entered(Claims.hot(1, null)));
        shipper.lost(Set.of());
        shipper.resume();
        try {
            shipper.turn();
        } catch (IllegalStateException e) {
            ownership = LEASED;
        }
        ship(Claims.hot(2, null));
        assertThat(web.sent).containsExactly("2");
    }

    @Test
    void afterALeaseThatEndedNothingIsSentUntilAllIsClaimedAnew() throws Exception {
        ship(Claims.hot(1, "a"));
        ownership = new Ownership(LEASED.leases(), Set.of(), now);
        ship(Claims.hot(2, "b"));
        assertThat(resyncs).isEqualTo(1);
        ownership = LEASED;
        shipper.lost(Set.of());
        ship(Claims.hot(3, "b"));
        assertThat(web.sent).containsExactly("1");
        assertThat(inFlight.size()).isEqualTo(1);

        shipper.lost(Set.of(Claims.SHARD));
        shipper.resume();
        ship(Claims.hot(2, "b"), Claims.hot(3, "b"));
        assertThat(web.sent).containsExactly("1", "2");
        assertThat(resyncs).isEqualTo(1);
    }

    @Test
    void aClaimOfAnEarlierLeaseIsDropped() throws Exception {
        ownership = new Ownership(Map.of(Claims.SHARD, Claims.EPOCH + 1), Set.of(), Long.MAX_VALUE / 2);
        ship(Claims.hot(1, null), Claims.hot(2, "a"));
        assertThat(web.sent).isEmpty();
        assertThat(inFlight.size()).isZero();
        assertThat(resyncs).isZero();
    }

    @Test
    void aLostShardDropsItsLines() throws Exception {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"));
        shipper.lost(Set.of(Claims.SHARD));
        web.accept("1");
        shipper.turn();
        inFlight.forgetWritten();
        assertThat(outcomes()).containsExactly("Delivered 1");
        assertThat(web.sent).containsExactly("1");
        assertThat(inFlight.size()).as("1 until it is written").isEqualTo(1);
    }

    /** It would have freed the key that is held again since. */
    @Test
    void anAnswerToADrainOfALostLineChangesNothing() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.HELD)));
        shipper.turn();
        KeyLine lost = drains.remove(0);
        shipper.lost(Set.of(Claims.SHARD));
        shipper.held(List.of(held("a", HeldKey.State.RETRY)));
        shipper.drained(lost, List.of(), List.of(), true);
        shipper.turn();
        ship(Claims.hot(4, "a"));
        assertThat(outcomes()).containsExactly("Held 4");
    }

    @Test
    void keysLoadedAsHeldHoldWhatComes() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.RETRY), held("b", HeldKey.State.DEAD)));
        ship(Claims.hot(1, "a"), Claims.hot(2, "b"));
        assertThat(outcomes()).containsExactly("Held 1");
        assertThat(web.sent).containsExactly("2");
        assertThat(drains).isEmpty();
    }

    /** An operator discarded what it waited for. */
    @Test
    void aKeyThatNothingHoldsAnyMoreIsFoundAndDrained() throws Exception {
        shipper.held(List.of(held("a", HeldKey.State.RETRY), held("b", HeldKey.State.RETRY)));
        shipper.turn();
        assertThat(checks).isEmpty();
        now += Duration.ofSeconds(1).toNanos();
        tick();
        assertThat(checks).hasSize(1);
        assertThat(checks.get(0)).extracting(line -> line.key).containsExactlyInAnyOrder("a", "b");
        shipper.checked(checks.remove(0), List.of(held("b", HeldKey.State.RETRY)));
        tick();
        assertThat(drains).extracting(line -> line.key).containsExactly("a");
    }

    @Test
    void stoppingSendsNothingMoreAndWaitsForWhatIsUnderWay() throws Exception {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"));
        assertThat(shipper.stop(Duration.ofNanos(1))).isFalse();
        shipper.turn();
        web.accept("1");
        shipper.turn();
        ship(Claims.hot(3, null));
        assertThat(shipper.stop(Duration.ofNanos(1))).isTrue();
        assertThat(outcomes()).containsExactly("Delivered 1");
        assertThat(web.sent).containsExactly("1");
    }

    private Shipper shipper(Sender sender) {
        Routes routes = new Routes(List.of(new Route("orders", "web"), new Route("strict", "web").holdingOnDead()));
        Judge judge = new Judge(RetryPolicy.DEFAULT, () -> 0.5);
        Shipper made = new Shipper(
                routes,
                landings -> List.of(new Dock(
                        new Destination("web", sender, Limits.DEFAULT),
                        100,
                        true,
                        landings,
                        () -> now,
                        () -> 0.5,
                        listener)),
                judge,
                () -> ownership,
                () -> now,
                inFlight,
                databaseClock,
                listener);
        made.connect(settled::addAll, drains::add, checks::add, dock -> {}, () -> resyncs++);
        return made;
    }

    private interface Sending {
        List<CompletionStage<Receipt>> send(int messages);
    }

    private static Sender sender(Sending sending) {
        return new Sender() {
            @Override
            public List<CompletionStage<Receipt>> send(List<Message> messages) {
                return sending.send(messages.size());
            }

            @Override
            public void close() {}
        };
    }

    /** As the claimer does. */
    private List<Claim> entered(Claim... claims) {
        inFlight.forgetWritten();
        List.of(claims).forEach(claim -> inFlight.enter(claim));
        return List.of(claims);
    }

    private void ship(Claim... claims) throws InterruptedException {
        shipper.ship(entered(claims));
        shipper.turn();
        inFlight.forgetWritten();
    }

    private void drained(List<HeldKey> before, Claim... claims) throws InterruptedException {
        shipper.drained(drains.remove(0), before, entered(claims), claims.length == 0);
        shipper.turn();
        inFlight.forgetWritten();
    }

    /** As the settler does. */
    private void writeAll() throws InterruptedException {
        inFlight.leave(settled.stream().map(Settlement::claim).toList());
        shipper.written(List.copyOf(settled));
        shipper.turn();
    }

    /** A turn with nothing in the mailbox, without its wait. */
    private void tick() throws InterruptedException {
        shipper.lost(Set.of());
        shipper.turn();
    }

    private void holdKeyBehind1() throws InterruptedException {
        ship(Claims.hot(1, "a"), Claims.hot(2, "a"), Claims.hot(3, "a"));
        web.fail("1");
        shipper.turn();
        writeAll();
        assertThat(drains).isEmpty();
    }

    private static Claim.Sendable strict(Place place, long seq, Timing timing) {
        return Claims.sendable("strict", place, seq, "a", 0, timing);
    }

    private static HeldKey held(String key, HeldKey.State state) {
        return new HeldKey(key, Claims.SHARD, "orders", state, "");
    }

    private List<String> outcomes() {
        return settled.stream()
                .map(each -> each.getClass().getSimpleName() + " "
                        + each.claim().row().seq())
                .toList();
    }

    private List<String> attempts() {
        return settled.stream()
                .map(each -> ((Settlement.Retry) each).attempt())
                .map(attempt -> attempt.outcome() + ": " + attempt.error())
                .toList();
    }
}
