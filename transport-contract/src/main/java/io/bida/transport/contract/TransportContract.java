package io.bida.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.testkit.FaultyProxy;
import io.bida.transport.Answer;
import io.bida.transport.Delivery;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Redelivery;
import io.bida.transport.Sender;
import io.bida.transport.contract.Carrier.Order;
import io.bida.transport.contract.Carrier.Receiving;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * What every transport over a broker must do, against the real broker. A transport inherits it with a constructor:
 *
 * <pre>{@code
 * class NatsTransportTest extends TransportContract {
 *     NatsTransportTest() {
 *         super(new NatsCarrier());
 *     }
 * }
 * }</pre>
 */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class TransportContract {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Redelivery QUICK = new Redelivery(Duration.ofMillis(10), Duration.ofMillis(50), 1_000);
    private static final String GROUP = "stock";
    private static final int WINDOW = 200;
    private static final DeliveryReader NO_OTHERS = delivery -> {
        throw new RefusedException("It is no event.");
    };

    private final Carrier carrier;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private String channel = "";

    /** @param carrier is closed after the last test */
    protected TransportContract(Carrier carrier) {
        this.carrier = carrier;
    }

    @BeforeEach
    void openChannel() {
        channel = carrier.newChannel();
    }

    @AfterEach
    void closeAll() throws Exception {
        carrier.proxy().heal();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @AfterAll
    void closeCarrier() {
        carrier.close();
    }

    @Test
    void everyFieldOfTheEnvelopeArrivesAsItWasSent() {
        List<Message> sent = List.of(
                Message.to("orders.paid")
                        .type("OrderPaid")
                        .scene("order-paid \u00e9")
                        .bizId("Order 42 \u4f60\u597d \ud83d\ude00 \"100%\"")
                        .orderingKey("customer \u00fc/7")
                        .source("/orders service")
                        .contentType("text/plain; charset=utf-8")
                        .headers(Map.of(
                                "X-Name", "M\u00fcller \ud83d\ude00 %41",
                                "x-empty", "",
                                "x!#$%&'*+.^_`|~-1", "odd",
                                "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                "tracestate", "vendor=1"))
                        .payload("\u4f60\u597d, {\"a\": 1}")
                        .createdAt(Instant.parse("2026-03-29T01:30:00.123456Z"))
                        .build(),
                Message.to("t".repeat(200))
                        .type("T".repeat(200))
                        .bizId("b".repeat(128))
                        .orderingKey("k".repeat(128))
                        .source("s".repeat(200))
                        .payload(Payload.EMPTY)
                        .build(),
                Message.to("pictures")
                        .type("Picture")
                        .bizId("large")
                        .source("camera")
                        .contentType("application/octet-stream")
                        .payload(Payload.wrap(randomBytes(1 << 20)))
                        .build());
        Arrivals arrivals = receiving(Way.STRAIGHT);

        new Shipping(sender(Way.STRAIGHT)).ship(sent);

        awaitArrivals(arrivals, sent.size());
        assertThat(arrivals.all()).containsExactlyInAnyOrderElementsOf(sent);
    }

    @Test
    void messagesOfAKeyAreHandledInTheirOrderAlthoughSomeFail() {
        Random random = new Random(7);
        Arrivals arrivals = new Arrivals();
        receive(Way.STRAIGHT, message -> {
            synchronized (random) {
                if (random.nextInt(5) == 0) {
                    return new Answer.Retry("not now");
                }
            }
            return arrivals.receive(message);
        });
        List<Message> sent = keyed(300, 10);

        new Shipping(sender(Way.STRAIGHT)).ship(sent);

        awaitArrivals(arrivals, sent.size());
        assertInOrder(arrivals, sent);
    }

    /** However many others are handled behind it, and wait to be acknowledged in their order. */
    @Test
    void whatFailsAgainAndAgainIsADeadLetterInTheEndAndStopsNoOther() {
        Arrivals arrivals = new Arrivals();
        Redelivery patient = new Redelivery(Duration.ofMillis(200), Duration.ofMillis(200), 10);
        receive(new Order(
                Way.STRAIGHT,
                channel,
                GROUP,
                message ->
                        message.bizId().value().equals("poison") ? new Answer.Retry("bad") : arrivals.receive(message),
                NO_OTHERS,
                patient,
                20));
        List<Message> sent = new ArrayList<>(loose(400));
        sent.add(0, message("poison", null));
        Shipping shipping = new Shipping(sender(Way.STRAIGHT));
        shipping.ship(sent);

        awaitArrivals(arrivals, 400);
        // What fails while nothing at all is taken may be no fault of its own.
        await().atMost(PATIENCE).untilAsserted(() -> {
            shipping.ship(List.of(message("one more " + System.nanoTime(), null)));
            assertThat(carrier.deadLetters(channel)).containsExactly("payload of poison");
        });
    }

    @Test
    void whatCanNeverBeHandledIsADeadLetterAndTheOthersGoOn() {
        Arrivals arrivals = new Arrivals();
        Intake intake = message ->
                message.bizId().value().equals("poison") ? new Answer.Rejected("bad") : arrivals.receive(message);
        Receiving receiving = receive(Way.STRAIGHT, intake);
        List<Message> sent = new ArrayList<>(keyed(20, 2));
        sent.add(10, message("poison", "key-0"));

        new Shipping(sender(Way.STRAIGHT)).ship(sent);

        awaitArrivals(arrivals, 20);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(carrier.deadLetters(channel)).containsExactly("payload of poison"));
        receiving.receiver().close();
        receive(Way.STRAIGHT, intake);
        new Shipping(sender(Way.STRAIGHT)).ship(List.of(message("after", "key-0")));
        awaitArrivals(arrivals, 21);
        assertThat(arrivals.bizIds()).endsWith("after");
        assertThat(carrier.deadLetters(channel)).hasSize(1);
    }

    @Test
    void aMessageOfAProducerThatDoesNotKnowBidaIsReadOrIsADeadLetter() {
        Arrivals arrivals = new Arrivals();
        receive(Way.STRAIGHT, arrivals, DeliveryReader.plain("Legacy", TransportContract::firstWord), WINDOW);

        carrier.putPlain(channel, "order-7 paid");
        carrier.putPlain(channel, "? is no order");

        awaitArrivals(arrivals, 1);
        Message read = arrivals.all().get(0);
        assertThat(read.bizId().toString()).isEqualTo("Legacy:order-7");
        assertThat(read.payload().asUtf8()).isEqualTo("order-7 paid");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(carrier.deadLetters(channel)).containsExactly("? is no order"));
    }

    @Test
    void whatIsAcceptedOutlivesABrokerThatEndsInMidStream() {
        Arrivals arrivals = receiving(Way.STRAIGHT);
        Shipping shipping = new Shipping(sender(Way.STRAIGHT));
        List<Message> sent = keyed(1_000, 50);
        CompletableFuture<Void> shipped = CompletableFuture.runAsync(() -> shipping.ship(sent));
        await().atMost(PATIENCE).until(() -> shipping.accepted() >= 200);

        carrier.restartBroker();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(shipped).isCompleted());
        awaitArrivals(arrivals, sent.size());
        assertInOrder(arrivals, sent);
    }

    @Test
    void whatIsAcceptedOutlivesConnectionsThatAreCutInMidStream() {
        Arrivals arrivals = receiving(Way.PROXIED);
        Shipping shipping = new Shipping(sender(Way.PROXIED));
        List<Message> sent = keyed(1_500, 50);
        CompletableFuture<Void> shipped = CompletableFuture.runAsync(() -> shipping.ship(sent));
        FaultyProxy proxy = carrier.proxy();
        for (int cuts = 1; cuts <= 3; cuts++) {
            int enough = cuts * 300;
            await().atMost(PATIENCE).until(() -> shipping.accepted() >= enough);
            proxy.cut();
        }
        proxy.refuse();
        proxy.cut();
        proxy.heal();

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(shipped).isCompleted());
        awaitArrivals(arrivals, sent.size());
        assertInOrder(arrivals, sent);
    }

    @Test
    void anAnswerThatIsLostIsNoSuccessAndTheMessageIsSentAgain() {
        Shipping shipping = new Shipping(sender(Way.PROXIED));
        shipping.ship(List.of(message("first", null)));
        carrier.proxy().loseAnswers();
        assertThat(shipping.send(List.of(message("unheard", null))))
                .allSatisfy(receipt -> assertThat(receipt).isNotInstanceOf(Receipt.Accepted.class));
        carrier.proxy().heal();
        carrier.proxy().cut();

        shipping.ship(List.of(message("unheard", null), message("last", null)));

        Arrivals arrivals = receiving(Way.STRAIGHT);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(arrivals.bizIds()).contains("first", "unheard", "last"));
    }

    @Test
    void aMessageThatIsSentAgainIsTheSameMessage() {
        Message message = message("again", "key");
        Shipping shipping = new Shipping(sender(Way.STRAIGHT));
        shipping.ship(List.of(message));
        shipping.ship(List.of(message));
        shipping.ship(List.of(message("last", "key")));
        Arrivals arrivals = receiving(Way.STRAIGHT);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(arrivals.bizIds()).containsExactly("again", "last"));
        assertThat(arrivals.repeated()).isEqualTo(carrier.dropsResends() ? 0 : 1);
    }

    @Test
    void aBrokerThatHangsAcceptsNothingUntilItGoesOn() {
        Sender sender = sender(Way.STRAIGHT);
        Shipping shipping = new Shipping(sender);
        shipping.ship(List.of(message("before", "key")));
        carrier.broker().pause();
        List<Receipt> receipts;
        try {
            receipts = shipping.send(List.of(message("meanwhile", "key"), message("loose", null)));
        } finally {
            carrier.broker().resume();
        }
        assertThat(receipts).allSatisfy(receipt -> assertThat(receipt).isNotInstanceOf(Receipt.Accepted.class));

        shipping.ship(List.of(message("after", "key")));

        Arrivals arrivals = receiving(Way.STRAIGHT);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(arrivals.bizIdsOf("key")).contains("before", "after"));
    }

    @Test
    void aChannelThatIsNotThereAcceptsNothing() {
        Sender sender = open(Senders.create(carrier.type(), carrier.settings(Way.STRAIGHT, channel + "-missing")));

        List<Receipt> receipts = new Shipping(sender).send(List.of(message("a", null), message("b", "key")));

        assertThat(receipts).allSatisfy(receipt -> assertThat(receipt).isNotInstanceOf(Receipt.Accepted.class));
    }

    @Test
    void aPayloadThatIsTooLargeIsRejectedAndTheOthersAreTaken() {
        if (carrier.tooLarge().isEmpty()) {
            return;
        }
        Message large = Message.to("test")
                .type("Test")
                .bizId("large")
                .payload(Payload.wrap(randomBytes(carrier.tooLarge().getAsInt())))
                .build();
        Shipping shipping = new Shipping(sender(Way.STRAIGHT));
        shipping.ship(List.of(message("before", null)));

        List<Receipt> receipts = shipping.send(List.of(message("a", null), large, message("b", null)));

        assertThat(receipts.get(1)).isInstanceOf(Receipt.Rejected.class);
        assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
        assertThat(receipts.get(2)).isInstanceOf(Receipt.Accepted.class);
    }

    @Test
    void aWrongPasswordIsToldWithoutTheSecret() {
        if (carrier.settingsWithWrongPassword(channel).isEmpty()) {
            return;
        }
        Map<String, Object> settings =
                carrier.settingsWithWrongPassword(channel).get();
        List<String> told = new ArrayList<>();
        try {
            Sender sender = open(Senders.create(carrier.type(), settings));
            for (Receipt receipt : new Shipping(sender).send(List.of(message("a", null)))) {
                assertThat(receipt).isNotInstanceOf(Receipt.Accepted.class);
                told.add(receipt.toString());
            }
        } catch (BidaException e) {
            told.add(String.valueOf(e.getMessage()));
        }
        assertThat(told)
                .hasSize(1)
                .allSatisfy(text -> assertThat(text).isNotBlank().doesNotContain("wrong-secret"));
    }

    @Test
    void aSlowIntakeIsGivenNoMoreThanTheWindow() {
        int window = 20;
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger given = new AtomicInteger();
        Arrivals arrivals = new Arrivals();
        Receiving receiving = receive(
                Way.STRAIGHT,
                message -> {
                    given.incrementAndGet();
                    awaitLatch(open);
                    return arrivals.receive(message);
                },
                NO_OTHERS,
                window);
        List<Message> sent = loose(500);
        new Shipping(sender(Way.STRAIGHT)).ship(sent);
        await().atMost(PATIENCE).until(() -> given.get() >= 4);
        await().during(Duration.ofMillis(500))
                .atMost(PATIENCE)
                .until(() -> receiving.unacknowledged().getAsInt() <= window);
        assertThat(receiving.unacknowledged().getAsInt()).isPositive();

        open.countDown();

        awaitArrivals(arrivals, sent.size());
        await().atMost(PATIENCE).until(() -> receiving.unacknowledged().getAsInt() == 0);
    }

    @Test
    void aReceiverThatIsClosedHasAcknowledgedWhatItHandledAndLeavesTheRestToTheNext() {
        Arrivals arrivals = new Arrivals();
        Receiving first = receive(Way.STRAIGHT, message -> {
            pause(5);
            return arrivals.receive(message);
        });
        List<Message> sent = keyed(300, 30);
        new Shipping(sender(Way.STRAIGHT)).ship(sent);
        await().atMost(PATIENCE).until(() -> arrivals.size() >= 50);

        first.receiver().close();
        int handled = arrivals.size();
        receive(Way.STRAIGHT, arrivals);

        awaitArrivals(arrivals, sent.size());
        assertThat(handled).isBetween(50, sent.size());
        assertThat(arrivals.repeated()).isZero();
        assertInOrder(arrivals, sent);
    }

    @Test
    void aReceiverWhoseConnectionIsLostLeavesWhatItHasNotAcknowledgedToTheNext() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger given = new AtomicInteger();
        Receiving stuck = receive(Way.PROXIED, message -> {
            given.incrementAndGet();
            awaitLatch(never);
            return new Answer.Retry("the receiver was stuck");
        });
        List<Message> sent = keyed(100, 10);
        new Shipping(sender(Way.STRAIGHT)).ship(sent);
        await().atMost(PATIENCE).until(() -> given.get() > 0);
        carrier.proxy().refuse();
        carrier.proxy().cut();
        never.countDown();
        stuck.receiver().close();

        Arrivals arrivals = receiving(Way.STRAIGHT);

        awaitArrivals(arrivals, sent.size());
        assertInOrder(arrivals, sent);
    }

    @Test
    void aSenderThatIsClosedOwesNoReceipt() {
        Sender sender = sender(Way.STRAIGHT);
        new Shipping(sender).ship(List.of(message("before", null)));
        carrier.broker().pause();
        try {
            List<CompletableFuture<Receipt>> owed = sender.send(loose(10)).stream()
                    .map(stage -> stage.toCompletableFuture())
                    .toList();
            sender.close();
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThat(owed)
                            .allSatisfy(receipt -> assertThat(receipt)
                                    .isCompletedWithValueMatching(each -> !(each instanceof Receipt.Accepted))));
        } finally {
            carrier.broker().resume();
        }
        assertThat(sender.send(List.of(message("late", null))).get(0).toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(5))
                .isInstanceOf(Receipt.Failed.class);
    }

    private Sender sender(Way way) {
        return open(Senders.create(carrier.type(), carrier.settings(way, channel)));
    }

    private Arrivals receiving(Way way) {
        Arrivals arrivals = new Arrivals();
        receive(way, arrivals);
        return arrivals;
    }

    private Receiving receive(Way way, Intake intake) {
        return receive(way, intake, NO_OTHERS, WINDOW);
    }

    private Receiving receive(Way way, Intake intake, DeliveryReader others, int window) {
        return receive(new Order(way, channel, GROUP, intake, others, QUICK, window));
    }

    private Receiving receive(Order order) {
        Receiving receiving = carrier.receive(order);
        open(receiving.receiver());
        return receiving;
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    private static void awaitArrivals(Arrivals arrivals, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(arrivals.size()).isGreaterThanOrEqualTo(count));
    }

    private static void assertInOrder(Arrivals arrivals, List<Message> sent) {
        assertThat(arrivals.bizIds())
                .containsExactlyInAnyOrderElementsOf(
                        sent.stream().map(each -> each.bizId().value()).toList());
        sent.stream()
                .map(Message::orderingKey)
                .distinct()
                .filter(key -> key != null)
                .forEach(key -> assertThat(arrivals.bizIdsOf(key))
                        .containsExactlyElementsOf(sent.stream()
                                .filter(each -> key.equals(each.orderingKey()))
                                .map(each -> each.bizId().value())
                                .toList()));
    }

    private static List<Message> keyed(int count, int keys) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(message("m-" + i, "key-" + i % keys));
        }
        return messages;
    }

    private static List<Message> loose(int count) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(message("m-" + i, null));
        }
        return messages;
    }

    private static Message message(String bizId, @Nullable String key) {
        return Message.to("orders.placed")
                .type("OrderPlaced")
                .bizId(bizId)
                .orderingKey(key)
                .payload("payload of " + bizId)
                .build();
    }

    private static String firstWord(Delivery delivery) {
        String text = delivery.payload().asUtf8();
        if (!text.startsWith("order-")) {
            throw new RefusedException("It names no order.");
        }
        return text.substring(0, text.indexOf(' '));
    }

    private static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
