@NullMarked
package io.bida.examples.demo;

import org.jspecify.annotations.NullMarked;
