/** Every contract on every database and every transport, crashes, and the rules of the architecture. */
@NullMarked
package io.bida.compatibility;

import org.jspecify.annotations.NullMarked;
