@NullMarked
package io.bida.examples;

import org.jspecify.annotations.NullMarked;
