/** One runnable jar: all commands, all transports. */
@NullMarked
package io.bida.distribution;

import org.jspecify.annotations.NullMarked;
