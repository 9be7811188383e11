package io.bida.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Answer;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.junit.jupiter.api.Test;

class ArtemisTransportTest extends JmsContract<ArtemisCarrier> {

    ArtemisTransportTest() {
        super(new ArtemisCarrier());
    }

    @Test
    void aFullQueueThatRefusesFails() throws Exception {
        carrier.create("full.fail.orders");
        try (Sender sender =
                carrier.sender(Way.STRAIGHT).queue("full.fail.orders").open()) {
            List<Receipt> receipts = receipts(sender, large(20));

            assertThat(receipts.get(0)).isInstanceOf(Receipt.Accepted.class);
            assertThat(receipts.get(19)).isInstanceOf(Receipt.Failed.class);
            assertThat(((Receipt.Failed) receipts.get(19)).unavailable()).isFalse();
        }
    }

    @Test
    void aFullQueueThatBlocksFailsInTimeAndWhatFailedIsNotSentLater() throws Exception {
        carrier.create("full.block.orders");
        String other = carrier.newChannel();
        try (Sender sender =
                carrier.sender(Way.STRAIGHT).timeout(Duration.ofSeconds(1)).open()) {
            Receipt last = receipts(sender, large(1)).get(0);
            int accepted = 0;
            while (last instanceof Receipt.Accepted) {
                accepted++;
                last = receipts(sender, large(1)).get(0);
            }

            assertThat(last).isInstanceOf(Receipt.Failed.class);
            assertThat(receipts(sender, message(other, "a", null))).hasOnlyElementsOfType(Receipt.Accepted.class);
            assertThat(count("full.block.orders")).isEqualTo(accepted);
            carrier.operate(session -> session.deleteQueue("full.block.orders"));
        }
    }

    @Test
    void aQueueThatIsDeletedWhileMessagesAreSentAcceptsNoMore() throws Exception {
        String channel = carrier.newChannel();
        try (Sender sender =
                carrier.sender(Way.STRAIGHT).queue(channel).connections(1).open()) {
            assertThat(receipts(sender, message("t", "before", null))).hasOnlyElementsOfType(Receipt.Accepted.class);

            carrier.operate(session -> session.deleteQueue(channel));

            assertThat(receipts(sender, message("t", "after", null))).hasOnlyElementsOfType(Receipt.Failed.class);
        }
    }

    @Test
    void whatTheBrokerHasAlreadySpoilsNothing() throws Exception {
        String channel = carrier.newChannel();
        Message known = message("t", "known", null);
        try (Sender sender = carrier.sender(Way.STRAIGHT).queue(channel).open()) {
            receipts(sender, known);

            assertThat(receipts(sender, message("t", "a", null), known, message("t", "b", null)))
                    .hasOnlyElementsOfType(Receipt.Accepted.class);
        }
        assertThat(count(channel)).isEqualTo(3);
    }

    @Test
    void theGroupOfATopicGetsEverythingOnceAndKeepsItWhileNobodyIsThere() throws Exception {
        carrier.operate(session -> session.createAddress(SimpleString.of("news"), RoutingType.MULTICAST, false));
        ConcurrentLinkedQueue<String> all = new ConcurrentLinkedQueue<>();
        try (Sender sender = carrier.sender(Way.STRAIGHT).topic("news").open()) {
            try (JmsReceiver first = subscriber(all);
                    JmsReceiver second = subscriber(all)) {
                await().atMost(PATIENCE).until(() -> {
                    receipts(sender, message("t", "who is there?", null));
                    return !all.isEmpty();
                });
                assertThat(receipts(sender, message("t", "1", null), message("t", "2", null)))
                        .hasOnlyElementsOfType(Receipt.Accepted.class);
                await().atMost(PATIENCE).until(() -> all.containsAll(List.of("1", "2")));
                await().atMost(PATIENCE).until(() -> first.unacknowledged() + second.unacknowledged() == 0);
            }
            receipts(sender, message("t", "3", null));
            try (JmsReceiver third = subscriber(all)) {
                await().atMost(PATIENCE).until(() -> all.contains("3") && third.unacknowledged() == 0);
            }
        }
        all.removeIf(bizId -> bizId.startsWith("who"));
        assertThat(all).containsExactlyInAnyOrder("1", "2", "3");
    }

    private JmsReceiver subscriber(ConcurrentLinkedQueue<String> arrived) {
        return carrier.receiver(Way.STRAIGHT)
                .topic("news")
                .group("stock")
                .to(message -> {
                    arrived.add(message.bizId().value());
                    return new Answer.Handled();
                })
                .open();
    }

    private long count(String queue) {
        long[] count = new long[1];
        carrier.operate(
                session -> count[0] = session.queueQuery(SimpleString.of(queue)).getMessageCount());
        return count[0];
    }

    private static Message[] large(int count) {
        Message[] messages = new Message[count];
        for (int i = 0; i < count; i++) {
            messages[i] = Message.to("full.block.orders")
                    .type("Large")
                    .bizId("large-" + i)
                    .payload(Payload.wrap(new byte[10_000]))
                    .build();
        }
        return messages;
    }
}
