@NullMarked
package io.bida.outbox;

import org.jspecify.annotations.NullMarked;
