/**
 * The process around the relay: configuration, database, command line, health and metrics.
 */
@NullMarked
package io.bida.console;

import org.jspecify.annotations.NullMarked;
