/**
 * Through Kafka: {@link io.bida.transport.kafka.KafkaSender} and {@link io.bida.transport.kafka.KafkaReceiver}. Messages are
 * CloudEvents in the binary mode of its Kafka binding.
 */
@NullMarked
package io.bida.transport.kafka;

import org.jspecify.annotations.NullMarked;
