@NullMarked
package io.bida.transport;

import org.jspecify.annotations.NullMarked;
