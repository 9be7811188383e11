@NullMarked
package io.bida.transport.nats;

import org.jspecify.annotations.NullMarked;
