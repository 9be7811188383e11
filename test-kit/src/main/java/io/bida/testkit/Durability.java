package io.bida.testkit;

/** What a database server promises about a committed transaction. */
public enum Durability {
    /** A commit is on the disk, in the log and in the binary log, before it is answered. */
    DURABLE,
    /** A commit survives the death of the server's process; for fast tests. */
    RELAXED
}
