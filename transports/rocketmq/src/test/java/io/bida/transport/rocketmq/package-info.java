@NullMarked
package io.bida.transport.rocketmq;

import org.jspecify.annotations.NullMarked;
