package io.bida.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import io.bida.transport.Redelivery;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Order;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadGroupParams;

class RedisReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Answer HANDLED = new Answer.Handled();

    private static RedisCarrier carrier;

    private final Deque<RedisReceiver> receivers = new ArrayDeque<>();
    private final Queue<String> arrived = new ConcurrentLinkedQueue<>();
    private Jedis jedis;
    private String stream;

    @BeforeAll
    static void startServer() {
        carrier = new RedisCarrier();
    }

    @AfterAll
    static void endServer() {
        carrier.close();
    }

    @BeforeEach
    void open() {
        jedis = carrier.jedis();
        stream = carrier.newChannel();
    }

    @AfterEach
    void close() {
        carrier.proxy().heal();
        receivers.forEach(RedisReceiver::close);
        jedis.close();
    }

    @Test
    void anEventOfAnotherProducerIsReceived() {
        Queue<Message> messages = new ConcurrentLinkedQueue<>();
        receive(receiver(Way.STRAIGHT, message -> {
            messages.add(message);
            return HANDLED;
        }));

        jedis.xadd(
                stream,
                Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "A-17",
                        "ce_source", "/shop",
                        "ce_type", "shop.sold",
                        "ce_subject", "chairs",
                        "content-type", "text/plain",
                        "data", "a chair"),
                XAddParams.xAddParams());

        await().atMost(PATIENCE).until(() -> !messages.isEmpty());
        Message message = messages.remove();
        assertThat(message.bizId().toString()).isEqualTo("shop.sold:A-17");
        assertThat(message.source()).isEqualTo("/shop");
        assertThat(message.headers()).containsEntry("ce_subject", "chairs");
        assertThat(message.contentType()).isEqualTo("text/plain");
        assertThat(message.payload().asUtf8()).isEqualTo("a chair");
    }

    @Test
    void oneIsActiveAndAnotherStandsByAndTakesOver() {
        receive(receiver(Way.STRAIGHT, arriving("first")));
        put(1, 10);
        await().atMost(PATIENCE).until(() -> arrived.size() == 10);
        receive(receiver(Way.STRAIGHT, arriving("second")));
        put(11, 30);
        await().atMost(PATIENCE).until(() -> arrived.size() == 30);
        assertThat(arrived).allMatch(each -> each.startsWith("first"));

        receivers.getFirst().close();
        put(31, 40);

        await().atMost(PATIENCE).until(() -> arrived.size() == 40);
        assertThat(arrived).filteredOn(each -> each.startsWith("second")).hasSize(10);
    }

    @Test
    void oneThatWasCutOffBeyondItsLeaseTakesNothingFromBetweenThoseOfItsSuccessor() {
        receive(receiver(Way.PROXIED, arriving("")));
        put(1, 20);
        await().atMost(PATIENCE).until(() -> arrived.size() == 20);
        carrier.proxy().freeze();
        receive(receiver(Way.STRAIGHT, arriving("")));
        put(21, 40);
        await().atMost(PATIENCE).until(() -> arrived.size() == 40);

        carrier.proxy().heal();
        put(41, 400);

        await().atMost(PATIENCE).until(() -> arrived.size() >= 400);
        assertThat(arrived)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 400).mapToObj(String::valueOf).toList());
    }

    /** The server had answered, and the answer was lost. */
    @Test
    void whatTheServerBelievesToHaveGivenOutlivesTheReceiver() {
        Duration idle = Duration.ofMillis(300);
        RedisReceiver closed = receiver(Way.STRAIGHT, message -> new Answer.Retry("never"))
                .shared(idle)
                .window(1)
                .open();
        put(1, 3);
        await().atMost(PATIENCE).until(() -> closed.unacknowledged() == 1);
        String consumer = jedis.xinfoConsumers(stream, "stock").get(0).getName();
        assertThat(jedis.xreadGroup(
                        "stock",
                        consumer,
                        XReadGroupParams.xReadGroupParams(),
                        Map.of(stream, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY)))
                .hasSize(1);

        closed.close();
        receive(receiver(Way.STRAIGHT, arriving("")).shared(idle));

        await().atMost(PATIENCE).until(() -> arrived.size() == 3);
    }

    /** Lua takes no more than 8,000 arguments. */
    @Test
    void anEntryOfThousandsOfFieldsBecomesADeadLetterAndBlocksNoOther() {
        receive(receiver(Way.STRAIGHT, message -> new Answer.Rejected("bad")));
        jedis.xadd(
                stream,
                IntStream.range(0, 4_100).boxed().collect(Collectors.toMap(i -> "field-" + i, i -> "x")),
                XAddParams.xAddParams());
        put(1, 1);
        await().atMost(PATIENCE).until(() -> jedis.xlen(stream + ".dead") == 2);
    }

    @Test
    void manyShareAGroupWhenOrderDoesNotMatterAndTakeOverWhatOneLeft() {
        Duration idle = Duration.ofMillis(500);
        RedisReceiver lost = receiver(Way.PROXIED, message -> new Answer.Retry("never"))
                .shared(idle)
                .window(5)
                .open();
        put(1, 20);
        await().atMost(PATIENCE).until(() -> lost.unacknowledged() == 5);
        carrier.proxy().refuse();
        carrier.proxy().cut();
        lost.close();

        receive(receiver(Way.STRAIGHT, arriving("a")).shared(idle));
        receive(receiver(Way.STRAIGHT, arriving("b")).shared(idle));
        put(21, 200);

        await().atMost(PATIENCE).until(() -> arrived.size() == 200);
        await().atMost(PATIENCE).until(() -> jedis.xpending(stream, "stock").getTotal() == 0);
        assertThat(arrived).anyMatch(each -> each.startsWith("a")).anyMatch(each -> each.startsWith("b"));
    }

    @Test
    void aDeadLetterThatCannotBeKeptIsNotAcknowledgedAndIsKeptLater() {
        jedis.set(stream + ".dead", "no stream");
        RedisReceiver receiver = receive(receiver(Way.STRAIGHT, message -> new Answer.Rejected("bad")));
        put(1, 2);
        await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 2);
        await().during(Duration.ofMillis(1_500))
                .atMost(PATIENCE)
                .until(() -> jedis.xpending(stream, "stock").getTotal() == 2);

        jedis.del(stream + ".dead");

        await().atMost(PATIENCE).until(() -> jedis.xpending(stream, "stock").getTotal() == 0);
        assertThat(carrier.deadLetters(stream)).containsExactly("payload 1", "payload 2");
    }

    @Test
    void whatIsAcknowledgedLeavesTheStreamWhereThatIsAskedFor() {
        receive(receiver(Way.STRAIGHT, arriving("")).removing());

        put(1, 50);

        await().atMost(PATIENCE).until(() -> arrived.size() == 50);
        await().atMost(PATIENCE).until(() -> jedis.xlen(stream) == 0);
    }

    private Intake arriving(String name) {
        return message -> {
            arrived.add(name + message.bizId().value());
            return HANDLED;
        };
    }

    private RedisReceiver.Builder receiver(Way way, Intake intake) {
        return carrier.receiver(new Order(
                way,
                stream,
                "stock",
                intake,
                delivery -> {
                    throw new RefusedException("It is no event.");
                },
                new Redelivery(Duration.ofMillis(50), Duration.ofMillis(50), 1_000),
                100));
    }

    private RedisReceiver receive(RedisReceiver.Builder builder) {
        RedisReceiver receiver = builder.open();
        receivers.add(receiver);
        return receiver;
    }

    /** All of one key, in their order. */
    private void put(int first, int last) {
        List<Message> messages = IntStream.rangeClosed(first, last)
                .mapToObj(i -> Message.to("t")
                        .type("Test")
                        .bizId(String.valueOf(i))
                        .orderingKey("key")
                        .payload("payload " + i)
                        .build())
                .toList();
        try (Sender sender = new RedisSenderFactory()
                .create(new TransportSettings("redis", carrier.settings(Way.STRAIGHT, stream)))) {
            assertThat(sender.send(messages))
                    .allSatisfy(receipt -> assertThat(receipt.toCompletableFuture())
                            .succeedsWithin(PATIENCE)
                            .isInstanceOf(Receipt.Accepted.class));
        }
    }
}
