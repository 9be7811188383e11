@NullMarked
package io.bida.benchmarks;

import org.jspecify.annotations.NullMarked;
