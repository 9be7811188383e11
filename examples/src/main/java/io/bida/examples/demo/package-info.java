/**
 * An order service and a stock service, joined by Bida over a network that fails: what is committed in one takes effect
 * in the other, once. Begins in {@link io.bida.examples.demo.Demo}.
 */
@NullMarked
package io.bida.examples.demo;

import org.jspecify.annotations.NullMarked;
