package io.bida.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DelivererTest {

    private static final Redelivery QUICK = new Redelivery(Duration.ofMillis(1), Duration.ofMillis(1), 3);

    private final List<String> handled = new CopyOnWriteArrayList<>();

    @Test
    void messagesOfAKeyKeepTheirOrderAlthoughSomeFailAndOthersGoOn() {
        Random random = new Random(42);
        try (Deliverer deliverer = deliverer(
                message -> {
                    synchronized (random) {
                        if (random.nextInt(4) == 0) {
                            return new Answer.Retry("not now");
                        }
                    }
                    return handled(message);
                },
                new Redelivery(Duration.ofMillis(1), Duration.ofMillis(5), 1_000))) {
            List<CompletableFuture<Verdict>> verdicts = new ArrayList<>();
            for (int i = 1_000; i < 1_400; i++) {
                verdicts.add(deliver(deliverer, "m" + i, "key-" + i % 7));
            }
            assertThat(verdicts)
                    .allSatisfy(verdict -> assertThat(verdict.join()).isEqualTo(new Verdict.Done()));
            assertThat(deliverer.underWay()).isZero();
        }
        assertThat(handled).hasSize(400);
        for (int key = 0; key < 7; key++) {
            int own = key;
            assertThat(handled.stream().filter(id -> Integer.parseInt(id.substring(1)) % 7 == own))
                    .isSorted();
        }
    }

    @Test
    void verdictsOfAKeyComeInItsOrder() {
        List<Integer> judged = new CopyOnWriteArrayList<>();
        try (Deliverer deliverer = deliverer(message -> new Answer.Rejected("no"), QUICK)) {
            List<CompletableFuture<Void>> told = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                int number = i;
                told.add(deliver(deliverer, "m" + i, "k").thenAccept(verdict -> judged.add(number)));
            }
            told.forEach(CompletableFuture::join);
        }
        assertThat(judged).hasSize(5_000).isSorted();
    }

    @Test
    void whatIsLeftIsNotGivenAndNothingOfItsKeyIsGivenBeforeIt() {
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (Deliverer deliverer = deliverer(
                message -> {
                    begun.countDown();
                    awaitLatch(open);
                    return handled(message);
                },
                QUICK)) {
            CompletableFuture<Verdict> first = deliver(deliverer, "m1", "k");
            CompletableFuture<Verdict> second = deliver(deliverer, "m2", "k");
            CompletableFuture<Verdict> third = deliver(deliverer, "m3", "k");
            awaitLatch(begun);

            deliverer.leave(delivery -> !delivery.payload().asUtf8().equals("m3"));

            assertThat(second.join()).isEqualTo(new Verdict.Left());
            assertThat(first).isNotDone();
            open.countDown();
            assertThat(first.join()).isEqualTo(new Verdict.Done());
            assertThat(third.join()).isEqualTo(new Verdict.Done());
            assertThat(deliverer.underWay()).isZero();
            assertThat(deliver(deliverer, "m4", "k").join()).isEqualTo(new Verdict.Done());
        }
        assertThat(handled).containsExactly("m1", "m3", "m4");
    }

    @Test
    void whatIsRejectedOrContradictsOrCannotBeReadIsDead() {
        try (Deliverer deliverer = deliverer(
                message -> message.bizId().value().equals("a") ? new Answer.Rejected("no") : new Answer.Conflict("two"),
                QUICK)) {
            assertThat(deliver(deliverer, "a", null).join()).isEqualTo(new Verdict.Dead("no"));
            assertThat(deliver(deliverer, "b", null).join()).isEqualTo(new Verdict.Dead("two"));
            assertThat(deliver(deliverer, "unreadable", null).join()).isEqualTo(new Verdict.Dead("no message"));
        }
    }

    @Test
    void whatFailsWhileOthersAreTakenIsDeadInTheEnd() {
        try (Deliverer deliverer = deliverer(
                message -> message.bizId().value().equals("poison") ? new Answer.Retry("bad") : handled(message),
                QUICK)) {
            CompletableFuture<Verdict> poison = deliver(deliverer, "poison", "k");
            CompletableFuture<Verdict> behind = deliver(deliverer, "behind", "k");
            for (int i = 0; !poison.isDone(); i++) {
                deliver(deliverer, "m" + i, null).join();
            }
            assertThat(poison.join())
                    .isInstanceOfSatisfying(
                            Verdict.Dead.class,
                            dead -> assertThat(dead.reason()).endsWith("times. bad"));
            assertThat(behind.join()).isEqualTo(new Verdict.Done());
        }
    }

    /** The receiver is full of what waits behind it, and takes nothing more. */
    @Test
    void whatFailsAloneAfterOthersWereTakenIsDeadInTheEnd() throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        try (Deliverer deliverer = deliverer(
                message -> {
                    if (!message.bizId().value().equals("poison")) {
                        return handled(message);
                    }
                    failed.countDown();
                    return new Answer.Retry("bad");
                },
                QUICK)) {
            CompletableFuture<Verdict> poison = deliver(deliverer, "poison", "k");
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
            deliver(deliverer, "other", null).join();
            assertThat(poison.join()).isInstanceOf(Verdict.Dead.class);
        }
    }

    @Test
    void whatFailsWhileNothingIsTakenIsTriedForEver() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch often = new CountDownLatch(40);
        CompletableFuture<Verdict> verdict;
        try (Deliverer deliverer = deliverer(
                message -> {
                    tries.incrementAndGet();
                    often.countDown();
                    throw new IllegalStateException("the database is down");
                },
                QUICK)) {
            verdict = deliver(deliverer, "a", null);
            assertThat(often.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(verdict).isNotDone();
        }
        assertThat(verdict.join()).isEqualTo(new Verdict.Left());
    }

    @Test
    void closingWaitsForWhatTheIntakeHasAndLeavesTheRest() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Verdict> first;
        CompletableFuture<Verdict> second;
        Deliverer deliverer = deliverer(
                message -> {
                    begun.countDown();
                    try {
                        TimeUnit.MILLISECONDS.sleep(100);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return handled(message);
                },
                QUICK);
        first = deliver(deliverer, "first", "k");
        second = deliver(deliverer, "second", "k");
        begun.await();
        deliverer.close();
        assertThat(first.join()).isEqualTo(new Verdict.Done());
        assertThat(second.join()).isEqualTo(new Verdict.Left());
        assertThat(deliver(deliverer, "third", null).join()).isEqualTo(new Verdict.Left());
        assertThat(handled).containsExactly("first");
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Answer handled(Message message) {
        handled.add(message.bizId().value());
        return new Answer.Handled();
    }

    private static Deliverer deliverer(Intake intake, Redelivery redelivery) {
        return Deliverer.to(intake, DelivererTest::read)
                .concurrency(4)
                .redelivery(redelivery)
                .build();
    }

    private static Message read(Delivery delivery) {
        String bizId = delivery.payload().asUtf8();
        if (bizId.equals("unreadable")) {
            throw new RefusedException("no message");
        }
        return Message.to("test")
                .type("Test")
                .bizId(bizId)
                .orderingKey(delivery.key())
                .payload(delivery.payload())
                .build();
    }

    private static CompletableFuture<Verdict> deliver(Deliverer deliverer, String bizId, @Nullable String key) {
        return deliverer
                .deliver(new Delivery(
                        "test", key, List.<Map.Entry<String, String>>of(), null, Payload.utf8(bizId), null))
                .toCompletableFuture();
    }
}
