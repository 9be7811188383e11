package io.bida.outbox;

/** The number of shards is part of the schema: the database computes each row's shard. */
public final class Shards {

    public static final int COUNT = 64;

    private Shards() {}
}
