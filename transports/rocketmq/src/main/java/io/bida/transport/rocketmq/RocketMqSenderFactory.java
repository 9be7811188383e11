package io.bida.transport.rocketmq;

import io.bida.message.BidaException;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.topic.TopicValidator;

/**
 * Type {@code rocketmq}: {@code url} of the name servers ({@code host:port}, several parted by semicolons), {@code user} and
 * {@code password} (access key and secret key), the {@code topic} (each message's own when absent), the {@code timeout} of a
 * message (5 s), whether to {@code create} topics that are not there (false) and of how many {@code queues} (8), whether the
 * {@code replica} of a synchronous master is {@code required} (the default) or {@code optional}, the producer {@code group},
 * and further {@code properties} of the client's {@code DefaultMQProducer} by their own names.
 */
public final class RocketMqSenderFactory implements SenderFactory {

    @Override
    public String type() {
        return "rocketmq";
    }

    @Override
    public Set<String> options() {
        return Set.of(
                "url", "user", "password", "topic", "timeout", "create", "queues", "replica", "group", "properties");
    }

    /** Name servers or brokers that are down now are no error: messages fail until they are up. */
    @Override
    public Sender create(TransportSettings settings) {
        String topic = settings.text("topic").orElse(null);
        if (topic != null && !TopicValidator.validateTopic(topic).isValid()) {
            throw new BidaException(settings.path("topic") + ": '" + topic
                    + "' is no RocketMQ topic; at most 127 letters, digits, _, - and % are allowed.");
        }
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(5));
        int queues = settings.positive("queues", 8);
        boolean create = choice(settings, "create", "false", "true");
        boolean replicated = !choice(settings, "replica", "required", "optional");
        DefaultMQProducer producer =
                Clients.producer(access(settings), settings.text("group").orElse("bida-relay"), properties(settings));
        Clients.start(producer);
        return new RocketMqSender(producer, new TopicRoutes(producer, create ? queues : 0), topic, timeout, replicated);
    }

    private static Access access(TransportSettings settings) {
        try {
            return new Access(
                    settings.required("url"),
                    settings.text("user").orElse(null),
                    settings.text("password").orElse(null));
        } catch (BidaException e) {
            throw new BidaException("transports." + settings.name() + ": " + e.getMessage(), e);
        }
    }

    /** Whether it is the second of two words; absent, it is the first. */
    private static boolean choice(TransportSettings settings, String key, String first, String second) {
        String given = settings.text(key).orElse(first);
        if (!given.equals(first) && !given.equals(second)) {
            throw new BidaException(settings.path(key) + " is '" + given + "'; it is " + first + " or " + second + ".");
        }
        return given.equals(second);
    }

    private static ClientProperties properties(TransportSettings settings) {
        Object given = settings.options().getOrDefault("properties", Map.of());
        if (!(given instanceof Map<?, ?> map)) {
            throw new BidaException(settings.path("properties") + " is no map of the client's properties.");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        map.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        return new ClientProperties(properties, settings.path("properties"));
    }
}
