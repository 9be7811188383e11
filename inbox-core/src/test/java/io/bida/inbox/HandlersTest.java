package io.bida.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import io.bida.transport.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandlersTest {

    record OrderPaid(String order, int amount, List<Line> lines) {}

    record Line(String article, int pieces) {}

    private final Inbox inbox = Inbox.forGroup("points").on(H2.fresh()).build();
    private final List<Object> seen = new ArrayList<>();

    private final Handler handlers = Handlers.json()
            .on("OrderPaid", OrderPaid.class, (tx, paid, m) -> seen.add(paid))
            .on("OrderCancelled", (tx, m) -> seen.add(m.bizId().value()))
            .on("OrderShipped", (OutcomeHandler) (tx, m) -> "shipped")
            .build();

    @Test
    void eachTypeGoesToItsHandlerAsTheValueThatItReads() {
        inbox.handle(
                message(
                        "OrderPaid",
                        "1",
                        "{\"order\": \"42\", \"amount\": 7, \"unheardOf\": true, \"lines\": [{\"article\": \"a\"}]}"),
                handlers);
        inbox.handle(message("OrderCancelled", "2", "no JSON at all"), handlers);

        assertThat(seen).containsExactly(new OrderPaid("42", 7, List.of(new Line("a", 0))), "2");
    }

    @Test
    void theOutcomeOfAHandlerPassesThrough() {
        Message message = message("OrderShipped", "1", "{}");

        assertThat(inbox.handle(message, handlers)).isEqualTo(new Answer.Handled("shipped"));
        assertThat(inbox.handle(message, handlers)).isEqualTo(new Answer.Duplicate("shipped"));
    }

    @Test
    void aTypeWithoutAHandlerIsRejectedByName() {
        assertThat(inbox.handle(message("OrderLost", "1", "{}"), handlers))
                .isEqualTo(new Answer.Rejected("There is no handler for the type 'OrderLost'; there is one for"
                        + " OrderPaid, OrderCancelled, OrderShipped."));
    }

    @Test
    void aTypeWithoutAHandlerMayBeHandledOtherwise() {
        Handler lenient = Handlers.json()
                .on("OrderPaid", OrderPaid.class, (tx, paid, m) -> seen.add(paid))
                .otherwise((tx, m) -> seen.add("otherwise"))
                .build();

        assertThat(inbox.handle(message("OrderLost", "1", "{}"), lenient)).isEqualTo(new Answer.Handled());
        assertThat(seen).containsExactly("otherwise");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{secret                                | it is no JSON (line 1, column 2).",
                "`{\"order\":\"1\"} secret`             | it is no JSON (line 1, column 15).",
                "{\"amount\":\"secret\"}                | 'amount' does not fit (line 1, column 11).",
                "{\"lines\":[{\"pieces\":[\"secret\"]}]} | 'lines[0].pieces' does not fit (line 1, column 21).",
                "[\"secret\"]                           | it does not fit (line 1, column 1).",
                "null                                   | it is null.",
                "``                                     | it does not fit (line 1, column 0).",
            })
    void aPayloadThatCannotBeReadIsRejectedWithASentenceThatTellsNothingOfIt(String payload, String why) {
        Answer answer = inbox.handle(message("OrderPaid", "1", payload), handlers);

        assertThat(answer).isInstanceOf(Answer.Rejected.class);
        assertThat(((Answer.Rejected) answer).reason())
                .isEqualTo("The payload of OrderPaid:1 cannot be read as " + OrderPaid.class.getName() + ": " + why)
                .doesNotContain("secret");
        assertThat(seen).isEmpty();
    }

    @Test
    void bytesThatAreNoTextAreRejected() {
        Message broken = Message.to("orders")
                .type("OrderPaid")
                .bizId("1")
                .payload(Payload.of(new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe}))
                .build();

        assertThat(inbox.handle(broken, handlers)).isInstanceOf(Answer.Rejected.class);
    }

    @Test
    void anotherFormIsReadByACodecOfOnesOwn() {
        Codec length = new Codec() {
            @Override
            public <T> T decode(Message message, Class<T> type) {
                return type.cast(message.payload().size());
            }
        };
        Handler handler = Handlers.with(length)
                .on("OrderPaid", Integer.class, (tx, size, m) -> seen.add(size))
                .build();

        inbox.handle(message("OrderPaid", "1", "four"), handler);

        assertThat(seen).containsExactly(4);
    }

    @Test
    void aTypeHasOneHandlerAndThereIsAtLeastOne() {
        Handlers.Builder builder = Handlers.json().on("OrderPaid", (tx, m) -> {});

        assertThatThrownBy(() -> builder.on("OrderPaid", (tx, m) -> {}))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("'OrderPaid'");
        assertThatThrownBy(() -> Handlers.json().build())
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("on(type, ...)");
    }

    @Test
    void aVersionIsReadFromAHeader() {
        Message message = Message.to("orders")
                .type("OrderPaid")
                .bizId("1")
                .headers(Map.of("version", "17", "other", "x"))
                .payload("{}")
                .build();

        assertThat(EntityVersion.fromHeader(message, "Version", "order/42"))
                .isEqualTo(new EntityVersion("order/42", 17));
        assertThatThrownBy(() -> EntityVersion.fromHeader(message, "other", "order/42"))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "The header 'other' of OrderPaid:1 is no whole number; it is to tell the version of 'order/42'.");
        assertThatThrownBy(() -> EntityVersion.fromHeader(message, "none", "order/42"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is missing");
    }

    @Test
    void anEntityThatNoDatabaseCouldKeepExactlyIsRefused() {
        for (String entity : List.of("", "e".repeat(201), "a\0b", "half \uD83D")) {
            assertThatThrownBy(() -> new EntityVersion(entity, 1)).isInstanceOf(RefusedException.class);
        }
    }

    private static Message message(String type, String bizId, String payload) {
        return Message.to("orders").type(type).bizId(bizId).payload(payload).build();
    }
}
