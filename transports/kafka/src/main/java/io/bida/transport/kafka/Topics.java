package io.bida.transport.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics, with as many partitions and replicas as the brokers give to a topic by default. Thread-safe. */
final class Topics {

    private static final Logger log = LoggerFactory.getLogger(Topics.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Map<String, Object> properties;

    /** @param properties of an admin client */
    Topics(Map<String, Object> properties) {
        this.properties = properties;
    }

    /** Those that are there already are left as they are. False: not all are there now, and the log says why. */
    boolean create(String... names) {
        try (Admin admin = Admin.create(properties)) {
            boolean all = true;
            for (String name : names) {
                all &= isThere(admin, name);
            }
            return all;
        } catch (KafkaException e) {
            log.warn("kafka: topics cannot be created: {}", e.toString());
            return false;
        }
    }

    private static boolean isThere(Admin admin, String name) {
        NewTopic topic = new NewTopic(name, Optional.empty(), Optional.empty());
        try {
            admin.createTopics(List.of(topic)).all().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            log.info("kafka: the topic {} was created", name);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true;
            }
            log.warn("kafka: the topic {} cannot be created: {}", name, String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            log.warn("kafka: the topic {} was not created within {} s", name, PATIENCE.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
