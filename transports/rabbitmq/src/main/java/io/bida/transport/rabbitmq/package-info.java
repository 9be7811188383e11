/**
 * RabbitMQ by AMQP 0-9-1, messages as CloudEvents in binary mode. The way out: {@link
 * io.bida.transport.rabbitmq.RabbitMqSender}. The way in: {@link io.bida.transport.rabbitmq.RabbitMqReceiver}.
 */
@NullMarked
package io.bida.transport.rabbitmq;

import org.jspecify.annotations.NullMarked;
