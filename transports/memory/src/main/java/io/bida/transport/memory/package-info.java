/** A destination in the same process: for modules of one application, for examples and for tests. */
@NullMarked
package io.bida.transport.memory;

import org.jspecify.annotations.NullMarked;
