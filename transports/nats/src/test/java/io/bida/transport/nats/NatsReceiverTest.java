package io.bida.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.contract.Carrier.Way;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class NatsReceiverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NatsCarrier nats = new NatsCarrier();
    private final Deque<NatsReceiver> opened = new ArrayDeque<>();

    @AfterEach
    void closeReceivers() {
        nats.proxy().heal();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @AfterAll
    void closeCarrier() {
        nats.close();
    }

    @Test
    void aCloudEventOfAnotherProducerIsReceived() {
        String channel = nats.newChannel();
        List<Message> arrived = new CopyOnWriteArrayList<>();
        open(receiver(channel, Way.STRAIGHT, arrived));

        put(
                channel,
                new Headers()
                        .put("ce-specversion", "1.0")
                        .put("ce-id", "42")
                        .put("ce-type", "com.example.Paid")
                        .put("ce-source", "/billing")
                        .put("ce-time", "2026-11-01T12:00:00+01:00")
                        .put("ce-subject", "caf%C3%A9")
                        .put("content-type", "application/json"),
                "{}");

        await().atMost(PATIENCE).until(() -> arrived.size() == 1);
        Message message = arrived.get(0);
        assertThat(message.bizId().value()).isEqualTo("42");
        assertThat(message.topic()).isEqualTo("com.example.Paid");
        assertThat(message.source()).isEqualTo("/billing");
        assertThat(message.createdAt()).isEqualTo(Instant.parse("2026-11-01T11:00:00Z"));
        assertThat(message.contentType()).isEqualTo("application/json");
        assertThat(message.headers()).containsEntry("ce-subject", "caf\u00e9");
    }

    @Test
    void oneOfAGroupIsActiveAndAnotherTakesOverWhenItIsGone() {
        String channel = nats.newChannel();
        List<Message> first = new CopyOnWriteArrayList<>();
        List<Message> second = new CopyOnWriteArrayList<>();
        NatsReceiver active = open(receiver(channel, Way.STRAIGHT, first));
        put(channel, 0, 1);
        await().atMost(PATIENCE).until(() -> first.size() == 1);
        open(receiver(channel, Way.STRAIGHT, second));
        put(channel, 1, 20);
        await().atMost(PATIENCE).until(() -> first.size() == 20);

        active.close();
        put(channel, 20, 30);

        await().atMost(PATIENCE).until(() -> second.size() == 10);
        assertThat(first).hasSize(20);
        assertThat(second).extracting(each -> each.bizId().value()).containsExactlyElementsOf(numbers(20, 30));
    }

    @Test
    void whoTakesOverFromAReceiverThatIsCutOffBeginsWithWhatThatHadNotHandled() {
        String channel = nats.newChannel();
        CountDownLatch never = new CountDownLatch(1);
        List<Message> second = new CopyOnWriteArrayList<>();
        NatsReceiver stuck = open(receiver(channel, Way.PROXIED, List.of()).to(message -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Answer.Retry("stuck");
        }));
        put(channel, 0, 10);
        await().atMost(PATIENCE).until(() -> stuck.unacknowledged() == 10);
        open(receiver(channel, Way.STRAIGHT, second));

        nats.proxy().refuse();
        nats.proxy().cut();
        put(channel, 10, 20);

        await().atMost(PATIENCE).until(() -> second.size() == 20);
        assertThat(second).extracting(each -> each.bizId().value()).containsExactlyElementsOf(numbers(0, 20));
        never.countDown();
    }

    @Test
    void receiversThatShareAreActiveAtOnce() {
        String channel = nats.newChannel();
        List<Message> first = new CopyOnWriteArrayList<>();
        List<Message> second = new CopyOnWriteArrayList<>();
        open(receiver(channel, Way.STRAIGHT, first).shared());
        open(receiver(channel, Way.STRAIGHT, second).shared());
        await().atMost(PATIENCE).until(() -> {
            put(channel, first.size() + second.size(), first.size() + second.size() + 1);
            return !first.isEmpty() && !second.isEmpty();
        });
    }

    @Test
    void aDeadLetterHasWhatItCameWithAndTheReason() {
        String channel = nats.newChannel();
        open(receiver(channel, Way.STRAIGHT, List.of()).to(message -> new Answer.Rejected("no such \u00fcser\n")));

        put(channel, 7, 8);

        await().atMost(PATIENCE).until(() -> !nats.deadLetters(channel).isEmpty());
        MessageInfo dead = nats.with(
                connection -> connection.jetStreamManagement().getMessage(NatsCarrier.streamOf(channel + ".dead"), 1));
        assertThat(new String(dead.getData(), StandardCharsets.UTF_8)).isEqualTo("payload 7");
        assertThat(dead.getHeaders().getFirst("ce-id")).isEqualTo("7");
        assertThat(dead.getHeaders().getFirst("bida-reason")).isEqualTo("no such ?ser?");
        await().atMost(PATIENCE).until(() -> consumer(channel).getNumAckPending() == 0);
    }

    @Test
    void aDeadLetterThatNoStreamTakesIsKeptUntilOneDoes() {
        nats.stream("lonely", stream -> {});
        List<Message> arrived = new CopyOnWriteArrayList<>();
        NatsReceiver receiver = open(receiver("lonely", Way.STRAIGHT, arrived));
        nats.putPlain("lonely", "no event");
        put("lonely", 0, 1);
        await().atMost(PATIENCE).until(() -> arrived.size() == 1 && receiver.unacknowledged() == 1);

        nats.stream("lonely.dead", stream -> {});

        await().atMost(PATIENCE).until(() -> receiver.unacknowledged() == 0);
        assertThat(nats.deadLetters("lonely")).containsExactly("no event");
    }

    @Test
    void messagesOfAKeyKeepTheirOrderWhileReceiversComeAndGoAndConnectionsAreCut() {
        String channel = nats.newChannel();
        int messages = 2_000;
        int keys = 20;
        put(channel, messages, keys, "key-");
        Map<String, List<Integer>> firsts = new ConcurrentHashMap<>();
        Set<String> known = ConcurrentHashMap.newKeySet();
        Random random = new Random(3);
        Intake intake = message -> {
            int number;
            synchronized (random) {
                number = random.nextInt(20);
            }
            pause(number / 5);
            if (number == 0) {
                return new Answer.Retry("not now");
            }
            synchronized (firsts) {
                if (known.add(message.bizId().value())) {
                    firsts.computeIfAbsent(String.valueOf(message.orderingKey()), each -> new ArrayList<>())
                            .add(Integer.valueOf(message.bizId().value()));
                }
            }
            return new Answer.Handled();
        };
        for (int round = 0; round < 8; round++) {
            int enough = round * messages / 8;
            open(receiver(channel, Way.PROXIED, List.of())
                    .ackWait(Duration.ofMillis(700))
                    .to(intake));
            await().atMost(PATIENCE).until(() -> known.size() >= enough);
            if (round % 2 == 0) {
                nats.proxy().cut();
            } else {
                opened.removeLast().close();
            }
        }

        await().atMost(PATIENCE).until(() -> known.size() == messages);
        assertThat(firsts).hasSize(keys);
        assertThat(firsts.values())
                .allSatisfy(each -> assertThat(each).isSorted().hasSize(messages / keys));
    }

    @Test
    void streamsAreCreatedWhenTheBuilderSaysSo() {
        List<Message> arrived = new CopyOnWriteArrayList<>();
        open(receiver("fresh.orders", Way.STRAIGHT, arrived).create(true));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(streams()).contains("fresh_orders", "fresh_orders_dead"));

        put("fresh.orders", 0, 1);

        await().atMost(PATIENCE).until(() -> arrived.size() == 1);
    }

    @Test
    void aStreamThatIsCreatedLaterIsWaitedForAndAllItHasIsReceived() {
        List<Message> arrived = new CopyOnWriteArrayList<>();
        open(receiver("later.*", Way.STRAIGHT, arrived).deadLetters("dead.later"));

        nats.stream("later.a", stream -> {});
        put("later.a", 0, 3);

        await().atMost(PATIENCE).until(() -> arrived.size() == 3);
    }

    @Test
    void aReceiverThatCannotWorkIsRefused() {
        assertThatThrownBy(() -> NatsReceiver.from("nats://127.0.0.1:1").open())
                .isInstanceOf(BidaException.class)
                .hasMessage("A receiver needs subject(...), which was not called.");
        assertThatThrownBy(() -> receiver("orders.>", Way.STRAIGHT, List.of()).open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("Dead letters of orders.> cannot go to orders.>.dead");
        assertThatThrownBy(() -> receiver("orders.>", Way.STRAIGHT, List.of())
                        .deadLetters("orders.dead")
                        .open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("Dead letters of orders.> cannot go to orders.dead");
        assertThatThrownBy(() -> receiver("orders", Way.STRAIGHT, List.of())
                        .group("my.group")
                        .open())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("'my.group' is no name of a consumer");
        assertThatThrownBy(() ->
                        receiver("orders", Way.STRAIGHT, List.of()).window(0).open())
                .isInstanceOf(BidaException.class)
                .hasMessage("window is 0: a whole number from 1 is expected.");
    }

    private NatsReceiver open(NatsReceiver.Builder builder) {
        NatsReceiver receiver = builder.open();
        opened.push(receiver);
        return receiver;
    }

    private NatsReceiver.Builder receiver(String channel, Way way, List<Message> arrived) {
        return NatsReceiver.from(nats.url(way))
                .user(nats.broker().user())
                .password(nats.broker().password())
                .subject(channel)
                .group("stock")
                .ackWait(Duration.ofSeconds(2))
                .to(message -> {
                    arrived.add(message);
                    return new Answer.Handled();
                });
    }

    private ConsumerInfo consumer(String channel) {
        return nats.with(
                connection -> connection.jetStreamManagement().getConsumerInfo(NatsCarrier.streamOf(channel), "stock"));
    }

    private List<String> streams() {
        return nats.with(connection -> connection.jetStreamManagement().getStreamNames());
    }

    private void put(String channel, int from, int to) {
        for (int i = from; i < to; i++) {
            put(channel, event(i, "key"), "payload " + i);
        }
    }

    private void put(String channel, int messages, int keys, String prefix) {
        nats.with(connection -> {
            List<CompletableFuture<PublishAck>> sent = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                sent.add(connection.jetStream().publishAsync(channel, event(i, prefix + i % keys), new byte[0]));
            }
            sent.forEach(CompletableFuture::join);
            return sent.size();
        });
    }

    private static Headers event(int id, String key) {
        return new Headers()
                .put("ce-specversion", "1.0")
                .put("ce-id", String.valueOf(id))
                .put("ce-type", "Test")
                .put("ce-source", "/test")
                .put("ce-partitionkey", key);
    }

    private void put(String channel, @Nullable Headers headers, String payload) {
        nats.with(connection ->
                connection.jetStream().publish(channel, headers, payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }
}
