/** Micrometer's meters of a relay. */
@NullMarked
package io.bida.micrometer;

import org.jspecify.annotations.NullMarked;
