/**
 * What the engine reaches of the same server's raw limit in the same run.
 *
 * <p>{@link io.bida.benchmarks.Benchmarks} is the command. Each {@link io.bida.benchmarks.Measurement} is a subcommand
 * of its own: it takes its sides in turns ({@link io.bida.benchmarks.Rounds}) on a durable server of its own ({@link
 * io.bida.benchmarks.Bench}), and adds rows to one {@link io.bida.benchmarks.Table}. The relay runs in a process of its
 * own ({@link io.bida.benchmarks.RelayProcess}), with its defaults, wherever a measurement does not ask for the same
 * process.
 */
@NullMarked
package io.bida.benchmarks;

import org.jspecify.annotations.NullMarked;
