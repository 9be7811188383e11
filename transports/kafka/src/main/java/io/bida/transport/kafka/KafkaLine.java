package io.bida.transport.kafka;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A producer, and how many bytes it has sent so far: when that did not grow, nothing was sent.
 *
 * @param sent the client's count, which grows before an answer can come
 * @param since when it was opened, in nanoseconds
 */
record KafkaLine(Producer<byte[], byte[]> producer, Metric sent, long since) {

    static KafkaLine open(Map<String, Object> properties) {
        Producer<byte[], byte[]> producer = ClientProperties.open(
                "producer",
                properties,
                all -> new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer()));
        return new KafkaLine(producer, bytesSent(producer.metrics()), System.nanoTime());
    }

    double bytesSent() {
        return (double) sent.metricValue();
    }

    private static Metric bytesSent(Map<MetricName, ? extends Metric> metrics) {
        return metrics.entrySet().stream()
                .filter(each -> each.getKey().name().equals("outgoing-byte-total"))
                .filter(each -> each.getKey().group().equals("producer-metrics"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
