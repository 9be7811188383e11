package io.bida.relay;

import java.util.Map;

/**
 * The shards that this relay may ship now.
 *
 * @param leases shard to the epoch of its lease
 * @param until by this process's monotonic clock, in nanoseconds; ends before the database lets others have them
 */
record Ownership(Map<Integer, Long> leases, long until) {

    static final Ownership NONE = new Ownership(Map.of(), 0);

    Ownership {
        leases = Map.copyOf(leases);
    }

    boolean isCurrent(long nanos) {
        return !leases.isEmpty() && nanos - until < 0;
    }

    boolean covers(int shard, long epoch) {
        return Long.valueOf(epoch).equals(leases.get(shard));
    }
}
