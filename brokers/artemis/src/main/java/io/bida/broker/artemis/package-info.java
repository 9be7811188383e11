/** A broker in a process of its own, for the tests and the demo. */
@NullMarked
package io.bida.broker.artemis;

import org.jspecify.annotations.NullMarked;
