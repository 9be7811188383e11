/** A RocketMQ name server and broker in one process. */
@NullMarked
package io.bida.broker.rocketmq;

import org.jspecify.annotations.NullMarked;
