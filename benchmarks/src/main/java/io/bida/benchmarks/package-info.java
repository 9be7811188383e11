/**
 * What Bida reaches of the raw limit of the same server in the same run, as ratios. Each measurement is taken several
 * times, interleaved with its raw counterpart; medians count.
 */
@NullMarked
package io.bida.benchmarks;

import org.jspecify.annotations.NullMarked;
