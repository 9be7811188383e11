@NullMarked
package io.bida.transport.rabbitmq;

import org.jspecify.annotations.NullMarked;
