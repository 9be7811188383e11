package io.bida.transport;

/** What is to become of a delivery; a receiver does it by its transport's own means. */
public sealed interface Verdict {

    /** Its fate is durable. Acknowledge it. */
    record Done() implements Verdict {}

    /** It can never be handled, or was tried long enough. Keep it as a dead letter, and only then acknowledge it. */
    record Dead(String reason) implements Verdict {}

    /** The receiver is closing. Do not acknowledge it: it is to be delivered again. */
    record Left() implements Verdict {}
}
