package io.bida.transport.kafka;

import io.bida.message.Message;
import io.bida.message.Payload;
import io.bida.transport.Delivery;
import io.bida.transport.EventBinding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * The envelope as Kafka headers in UTF-8, both ways: attributes as {@code ce_<name>}, the message's own headers as {@code
 * bida-h-<name>}, and {@code content-type}; the ordering key is the record's key. Thread-safe.
 */
final class KafkaEvents {

    static final EventBinding BINDING = EventBinding.of("ce_", "bida-h-");

    private static final String CONTENT_TYPE = "content-type";

    /** Types, topics and sources are few and come again and again; biz-ids, which are many, must not fill the memory. */
    private static final int MOST_KNOWN = 1_000;

    private final Map<String, byte[]> known = new ConcurrentHashMap<>();
    private final String defaultSource;

    /** @param defaultSource of messages without a source */
    KafkaEvents(String defaultSource) {
        this.defaultSource = defaultSource;
    }

    /** The timestamp is left to the client: by an old one the broker would delete a message as soon as it has it. */
    ProducerRecord<byte[], byte[]> record(Message message, String topic) {
        String key = message.orderingKey();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, key == null ? null : bytes(key), message.payload().toByteArray());
        Headers headers = record.headers();
        BINDING.write(message, defaultSource, (name, value) -> headers.add(name, encoded(name, value)));
        headers.add(CONTENT_TYPE, known(message.contentType()));
        return record;
    }

    static Delivery delivery(ConsumerRecord<byte[], byte[]> record) {
        byte[] key = record.key();
        byte[] value = record.value();
        String contentType = null;
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        for (Header header : record.headers()) {
            String text = header.value() == null ? "" : text(header.value());
            if (header.key().equalsIgnoreCase(CONTENT_TYPE)) {
                contentType = text;
            } else {
                properties.add(Map.entry(header.key(), text));
            }
        }
        return new Delivery(
                record.topic(),
                key == null ? null : text(key),
                properties,
                contentType,
                value == null ? Payload.EMPTY : Payload.wrap(value),
                record.partition() + "@" + record.offset());
    }

    /** The partition that a delivery came from. */
    static TopicPartition partition(Delivery delivery) {
        String position = Objects.requireNonNull(delivery.position());
        return new TopicPartition(delivery.channel(), Integer.parseInt(position.substring(0, position.indexOf('@'))));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private byte[] encoded(String name, String value) {
        return switch (name) {
            case "ce_specversion", "ce_type", "ce_source", "ce_scene", "ce_topic" -> known(value);
            default -> bytes(value);
        };
    }

    private byte[] known(String value) {
        byte[] bytes = known.get(value);
        if (bytes == null) {
            bytes = bytes(value);
            if (known.size() < MOST_KNOWN) {
                known.put(value, bytes);
            }
        }
        return bytes;
    }
}
