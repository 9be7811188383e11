package io.bida.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.transport.Answer;
import io.bida.transport.Intake;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class MemorySenderTest {

    private static final Message MESSAGE = Message.to("orders.paid")
            .type("OrderPaid")
            .bizId("order-42")
            .payload("{}")
            .build();

    @Test
    void eachAnswerHasItsReceipt() {
        assertThat(receiptWhen(new Answer.Handled())).isEqualTo(new Receipt.Accepted("memory"));
        assertThat(receiptWhen(new Answer.Duplicate())).isEqualTo(new Receipt.Accepted("memory, a duplicate"));
        assertThat(receiptWhen(new Answer.Conflict("other payload"))).isEqualTo(new Receipt.Rejected("other payload"));
        assertThat(receiptWhen(new Answer.Rejected("no order"))).isEqualTo(new Receipt.Rejected("no order"));
        assertThat(receiptWhen(new Answer.Retry("busy", Duration.ofSeconds(3))))
                .isEqualTo(new Receipt.Failed("busy", Duration.ofSeconds(3)));
        assertThat(receiptWhen(new Answer.Retry("busy"))).isEqualTo(new Receipt.Failed("busy"));
    }

    @Test
    void anIntakeThatThrowsIsUnknown() {
        Intake broken = message -> {
            throw new IllegalStateException("no connection");
        };
        assertThat(receipt(MemorySender.to(broken, Runnable::run)))
                .isEqualTo(new Receipt.Unknown("The intake threw java.lang.IllegalStateException: no connection"));
    }

    @Test
    void theIntakeGetsTheMessageItself() {
        List<Message> received = new ArrayList<>();
        try (MemorySender sender = MemorySender.to(
                message -> {
                    received.add(message);
                    return new Answer.Handled();
                },
                Runnable::run)) {
            sender.send(List.of(MESSAGE));
        }
        assertThat(received).containsExactly(MESSAGE);
    }

    @Test
    void sendingDoesNotWaitForTheIntake() {
        List<Runnable> later = new ArrayList<>();
        try (MemorySender sender = MemorySender.to(message -> new Answer.Handled(), later::add)) {
            CompletableFuture<Receipt> receipt =
                    sender.send(List.of(MESSAGE)).get(0).toCompletableFuture();
            assertThat(receipt).isNotDone();
            later.forEach(Runnable::run);
            assertThat(receipt).isCompletedWithValue(new Receipt.Accepted("memory"));
        }
    }

    @Test
    void closingCompletesWhatIsUnderWayAsUnknownAndTakesNoMore() {
        MemorySender sender = MemorySender.to(message -> new Answer.Handled(), task -> {});
        CompletableFuture<Receipt> underWay =
                sender.send(List.of(MESSAGE)).get(0).toCompletableFuture();
        sender.close();
        assertThat(underWay.join()).isInstanceOf(Receipt.Unknown.class);
        assertThat(receipt(sender)).isInstanceOf(Receipt.Failed.class);
    }

    @Test
    void anExecutorThatTakesNoWorkIsAFailure() {
        MemorySender sender = MemorySender.to(message -> new Answer.Handled(), task -> {
            throw new RejectedExecutionException();
        });
        assertThat(receipt(sender)).isInstanceOf(Receipt.Failed.class);
    }

    private static Receipt receiptWhen(Answer answer) {
        return receipt(MemorySender.to(message -> answer, Runnable::run));
    }

    private static Receipt receipt(MemorySender sender) {
        return sender.send(List.of(MESSAGE)).get(0).toCompletableFuture().join();
    }
}
