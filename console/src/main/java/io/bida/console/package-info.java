/**
 * The process around the relay: configuration, database, command line and health endpoint.
 */
@NullMarked
package io.bida.console;

import org.jspecify.annotations.NullMarked;
