package io.bida.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.message.RefusedException;
import java.time.Instant;
import java.util.Map;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;

class RocketMqEventsTest {

    @Test
    void anEventIsReadableForThoseWhoDoNotKnowBida() {
        Message message = message()
                .orderingKey("customer-7")
                .headers(Map.of("x-name", "M\u00fcller 100%"))
                .build();

        org.apache.rocketmq.common.message.Message written = RocketMqEvents.write(message, "orders");

        assertThat(written.getTopic()).isEqualTo("orders");
        assertThat(written.getKeys()).isEqualTo(message.id().toString());
        assertThat(written.getBody()).asString().isEqualTo("{}");
        assertThat(written.getProperties())
                .containsEntry("CE_specversion", "1.0")
                .containsEntry("CE_id", message.id().toString())
                .containsEntry("CE_type", "OrderPaid")
                .containsEntry("CE_source", "/orders")
                .containsEntry("CE_time", "2026-03-29T01:30:00Z")
                .containsEntry("CE_contenttype", "application/json")
                .containsEntry("CE_bizid", "order 42")
                .containsEntry("CE_partitionkey", "customer-7")
                .containsEntry("__SHARDINGKEY", "customer-7")
                .containsEntry("bida-h-x-name", "M\u00fcller 100%")
                .doesNotContainKey("bida-encoding");
    }

    @Test
    void valuesThatRocketMqCannotKeepArriveAsTheyWere() {
        Message message = message()
                .orderingKey("a\u0001b")
                .headers(Map.of(
                        "x-empty", "", "x-blank", " ", "x-control", "1\u00012\u00023%41", "x-name", "M\u00fcller"))
                .payload(Payload.EMPTY)
                .build();

        assertThat(carried(message)).isEqualTo(message);
    }

    @Test
    void aPayloadOfOneZeroByteIsNotTakenForNone() {
        Message message = message().payload(Payload.of(new byte[] {0})).build();

        assertThat(carried(message)).isEqualTo(message);
    }

    /** Through the text that the properties are on the way. */
    private static Message carried(Message message) {
        org.apache.rocketmq.common.message.Message written = RocketMqEvents.write(message, "orders");
        MessageExt arrived = new MessageExt();
        arrived.setTopic(written.getTopic());
        arrived.setBody(written.getBody());
        MessageAccessor.setProperties(
                arrived,
                MessageDecoder.string2messageProperties(
                        MessageDecoder.messageProperties2String(written.getProperties())));
        return RocketMqEvents.reader(delivery -> {
                    throw new RefusedException("It is no event.");
                })
                .read(RocketMqEvents.delivery(arrived));
    }

    private static Message.Builder message() {
        return Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("order 42")
                .source("/orders")
                .createdAt(Instant.parse("2026-03-29T01:30:00Z"))
                .payload("{}");
    }
}
