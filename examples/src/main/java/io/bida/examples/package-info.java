/** Examples to read and to run. */
@NullMarked
package io.bida.examples;

import org.jspecify.annotations.NullMarked;
