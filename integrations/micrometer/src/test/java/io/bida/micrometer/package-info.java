@NullMarked
package io.bida.micrometer;

import org.jspecify.annotations.NullMarked;
