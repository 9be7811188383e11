package io.bida.transport.kafka;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.FaultyProxy;
import io.bida.testkit.KafkaServer;
import io.bida.transport.contract.Carrier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka with one broker for all tests of this JVM. */
final class KafkaCarrier implements Carrier {

    static final KafkaServer SERVER = KafkaServer.start();

    private static final int PARTITIONS = 4;

    @Override
    public BrokerServer broker() {
        return SERVER;
    }

    @Override
    public FaultyProxy proxy() {
        return SERVER.proxy();
    }

    @Override
    public String newChannel() {
        String topic = "t-" + UUID.randomUUID();
        createTopic(new NewTopic(topic, PARTITIONS, (short) 1));
        createTopic(new NewTopic(topic + ".dead", 1, (short) 1));
        return topic;
    }

    static void createTopic(NewTopic topic) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", SERVER.bootstrap()))) {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public String type() {
        return "kafka";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return settings(channel, Map.of("bootstrap.servers", bootstrap(way)));
    }

    static Map<String, Object> settings(String topic, Map<String, String> properties) {
        return new HashMap<>(Map.of("topic", topic, "timeout", "2s", "properties", new HashMap<>(properties)));
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        return Optional.of(settings(channel, withPassword("wrong-secret")));
    }

    static Map<String, String> withPassword(String password) {
        return Map.of(
                "bootstrap.servers",
                SERVER.bootstrapWithPassword(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + SERVER.user()
                        + "\" password=\"" + password + "\";");
    }

    @Override
    public OptionalInt tooLarge() {
        return OptionalInt.of(KafkaServer.MAX_MESSAGE + 1);
    }

    @Override
    public Receiving receive(Order order) {
        KafkaReceiver receiver = KafkaReceiver.from(receiverProperties(bootstrap(order.way())))
                .topic(order.channel())
                .group(order.group() + " of " + order.channel())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    static Map<String, String> receiverProperties(String bootstrap) {
        return Map.of("bootstrap.servers", bootstrap, "session.timeout.ms", "6000", "heartbeat.interval.ms", "1000");
    }

    @Override
    public List<String> deadLetters(String channel) {
        return records(channel + ".dead", 1).stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Everything in a topic, by the broker's own client. */
    static List<ConsumerRecord<byte[], byte[]>> records(String topic, int partitions) {
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(topic, i));
        }
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", SERVER.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (all.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    @Override
    public void putPlain(String channel, String text) {
        put(new ProducerRecord<>(channel, text));
    }

    static void put(ProducerRecord<String, String> record) {
        try (Producer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", SERVER.bootstrap()), new StringSerializer(), new StringSerializer())) {
            producer.send(record).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private static String bootstrap(Way way) {
        return way == Way.STRAIGHT ? SERVER.bootstrap() : SERVER.bootstrapThroughProxy();
    }

    /** The server stays for the other tests, and ends with the JVM. */
    @Override
    public void close() {
        SERVER.proxy().heal();
    }
}
