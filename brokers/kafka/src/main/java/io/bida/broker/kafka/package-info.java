/** A Kafka broker as a program. */
@NullMarked
package io.bida.broker.kafka;

import org.jspecify.annotations.NullMarked;
