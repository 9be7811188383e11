package io.bida.relay;

import java.util.Map;
import java.util.Set;

/**
 * The shards that this relay may ship now.
 *
 * @param leases shard to the epoch of its lease
 * @param abandoned those of them that the relay before did not give back: it may have been taken down
 * @param until by this process's monotonic clock, in nanoseconds; ends before the database lets others have them
 */
record Ownership(Map<Integer, Long> leases, Set<Integer> abandoned, long until) {

    static final Ownership NONE = new Ownership(Map.of(), Set.of(), 0);

    Ownership {
        leases = Map.copyOf(leases);
        abandoned = Set.copyOf(abandoned);
    }

    boolean isCurrent(long nanos) {
        return !leases.isEmpty() && nanos - until < 0;
    }

    boolean covers(int shard, long epoch) {
        return Long.valueOf(epoch).equals(leases.get(shard));
    }
}
