/** Messages over RocketMQ as CloudEvents, by the remoting protocol that brokers 4.x and 5.x speak. */
@NullMarked
package io.bida.transport.rocketmq;

import org.jspecify.annotations.NullMarked;
