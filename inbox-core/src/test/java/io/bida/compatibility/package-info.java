/** The contracts that every database keeps. */
@NullMarked
package io.bida.compatibility;

import org.jspecify.annotations.NullMarked;
