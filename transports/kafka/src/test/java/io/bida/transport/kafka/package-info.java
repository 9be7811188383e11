@NullMarked
package io.bida.transport.kafka;

import org.jspecify.annotations.NullMarked;
