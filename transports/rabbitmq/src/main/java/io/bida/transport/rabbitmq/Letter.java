package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.bida.message.Payload;

/**
 * What is to be published, as AMQP has it. Immutable.
 *
 * @param properties with a message-id: the broker names it when it gives a letter back
 */
record Letter(String exchange, String routingKey, BasicProperties properties, Payload payload) {

    String id() {
        return properties.getMessageId();
    }
}
