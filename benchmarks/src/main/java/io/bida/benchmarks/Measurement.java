package io.bida.benchmarks;

/** A subcommand that measures; its options are its sizes. */
interface Measurement {

    void measure(Run run) throws Exception;
}
