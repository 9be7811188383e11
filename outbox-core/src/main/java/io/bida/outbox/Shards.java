package io.bida.outbox;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The number of shards is part of the schema: the database computes each row's shard. */
public final class Shards {

    public static final int COUNT = 64;

    private Shards() {}

    /** All but these. */
    public static Set<Integer> except(Set<Integer> shards) {
        return IntStream.range(0, COUNT)
                .boxed()
                .filter(shard -> !shards.contains(shard))
                .collect(Collectors.toUnmodifiableSet());
    }
}
