package io.bida.benchmarks;

/** How a sink answers. */
enum Behaviour {
    /** Accepts at once. */
    AT_ONCE,
    /** Accepts two milliseconds after it was sent to. */
    AFTER_2_MS,
    /** Accepts at once, but rejects one message of a thousand. */
    POISONED,
    /** Fails at once, as with HTTP 503. */
    FAILING,
    /** Never answers. */
    HANGING
}
