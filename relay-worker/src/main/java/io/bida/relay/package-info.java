/** Stub, dropped at merge. */
@NullMarked
package io.bida.relay;

import org.jspecify.annotations.NullMarked;
