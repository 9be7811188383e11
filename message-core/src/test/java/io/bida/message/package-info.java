@NullMarked
package io.bida.message;

import org.jspecify.annotations.NullMarked;
