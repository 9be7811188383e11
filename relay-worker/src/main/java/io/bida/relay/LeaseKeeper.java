package io.bida.relay;

import io.bida.outbox.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Keeps this relay's share of the shards.
 *
 * <ol>
 *   <li>Every third of the lease, all leases of this node are renewed in one statement.
 *   <li>The fair share is the shards divided by the live nodes; what is missing is taken from the free ones.
 *   <li>What is too much is no longer claimed, and released when nothing of it is in flight.
 *   <li>Where nobody takes messages, and there are other nodes, the fair share is nothing, and this node is not counted.
 * </ol>
 *
 * A relay that could not renew in time stops shipping before the lease ends, by its own monotonic clock, which was read
 * before the renewal was sent.
 */
final class LeaseKeeper {

    private static final Duration HURRY = Duration.ofMillis(200);

    private final String name;
    private final Duration lease;
    private final LeaseStore store;
    private final Session session;
    private final InFlight inFlight;
    private final BooleanSupplier wanted;
    private final LongSupplier nanoClock;
    private final RelayListener listener;
    private final Pause pause = new Pause();
    private final Set<Integer> releasing = new HashSet<>();
    private final Set<Integer> abandoned = new HashSet<>();
    /** Those of this node at the last look, whether it claims them or not. */
    private volatile Set<Integer> held = Set.of();

    private volatile Ownership ownership = Ownership.NONE;

    /** @param wanted whether anybody takes messages here */
    LeaseKeeper(
            String name,
            Duration lease,
            LeaseStore store,
            Session session,
            InFlight inFlight,
            BooleanSupplier wanted,
            LongSupplier nanoClock,
            RelayListener listener) {
        this.name = name;
        this.lease = lease;
        this.store = store;
        this.session = session;
        this.inFlight = inFlight;
        this.wanted = wanted;
        this.nanoClock = nanoClock;
        this.listener = listener;
    }

    Ownership ownership() {
        return ownership;
    }

    boolean isCurrent() {
        return nanoClock.getAsLong() - ownership.until() < 0;
    }

    void turn() throws InterruptedException {
        boolean settled = session.query(this::keep);
        pause.await(settled ? lease.dividedBy(3) : min(HURRY, lease.dividedBy(3)));
    }

    void wake() {
        pause.signal();
    }

    /** Gives everything back, so that others need not wait for the leases' end. */
    void leave() {
        ownership = Ownership.NONE;
        session.query(handle -> {
            store.leave(handle, held);
            return true;
        });
    }

    /** Answers whether the share is fair and nothing waits to be released. */
    private boolean keep(Handle handle) {
        long before = nanoClock.getAsLong();
        boolean resting = showItself(handle);
        LeaseStore.View view = store.look(handle);
        int fair = resting ? 0 : fairShare(view.nodes());
        Map<Integer, Long> mine = mine(view.leases());
        if (mine.size() < fair) {
            List<Integer> free = free(view.leases(), fair - mine.size());
            if (!free.isEmpty()) {
                abandoned.addAll(store.take(handle, free));
                mine = mine(store.look(handle).leases());
            }
        }
        held = Set.copyOf(mine.keySet());
        release(handle, mine, fair);
        publish(mine, before + lease.toNanos() / 10 * 8);
        return mine.size() == fair && releasing.isEmpty();
    }

    /** Renews what is held, and is among the nodes that share, or not; answers whether it rests. */
    private boolean showItself(Handle handle) {
        boolean joined = store.renew(handle, held);
        boolean resting = !wanted.getAsBoolean() && hasOthers(store.look(handle).nodes());
        if (joined && resting) {
            store.part(handle);
        } else if (!joined && !resting) {
            store.join(handle, name);
        }
        return resting;
    }

    private boolean hasOthers(List<String> nodes) {
        return nodes.stream().anyMatch(node -> !node.equals(store.node()));
    }

    private int fairShare(List<String> nodes) {
        int position = Math.max(0, nodes.indexOf(store.node()));
        int count = Math.max(1, nodes.size());
        return Shards.COUNT / count + (position < Shards.COUNT % count ? 1 : 0);
    }

    private Map<Integer, Long> mine(List<LeaseStore.Lease> all) {
        Map<Integer, Long> mine = new HashMap<>();
        for (LeaseStore.Lease each : all) {
            if (store.node().equals(each.owner())) {
                mine.put(each.shard(), each.epoch());
            }
        }
        return mine;
    }

    private static List<Integer> free(List<LeaseStore.Lease> all, int wanted) {
        List<Integer> free = new ArrayList<>();
        for (LeaseStore.Lease each : all) {
            if (each.free()) {
                free.add(each.shard());
            }
        }
        // So that relays that start together do not all want the same ones.
        Collections.shuffle(free);
        return free.subList(0, Math.min(wanted, free.size()));
    }

    /** Takes shards out of {@code mine}: the surplus, which is released as soon as nothing of it is in flight. */
    private void release(Handle handle, Map<Integer, Long> mine, int fair) {
        releasing.retainAll(mine.keySet());
        for (Integer shard : List.copyOf(mine.keySet())) {
            if (mine.size() - releasing.size() > fair) {
                releasing.add(shard);
            }
        }
        // Claims stop with what was published at the last turn, so an idle shard stays idle.
        List<Integer> idle = releasing.stream()
                .filter(shard -> !ownership.leases().containsKey(shard) && inFlight.ofShard(shard) == 0)
                .toList();
        if (!idle.isEmpty()) {
            store.release(handle, idle);
            releasing.removeAll(idle);
            mine.keySet().removeAll(idle);
        }
        mine.keySet().removeAll(releasing);
    }

    private void publish(Map<Integer, Long> mine, long until) {
        Ownership old = ownership;
        abandoned.retainAll(mine.keySet());
        ownership = new Ownership(mine, abandoned, until);
        Set<Integer> lost = new HashSet<>(old.leases().keySet());
        lost.removeAll(mine.keySet());
        lost.removeAll(releasing);
        if (!lost.isEmpty() || old.leases().size() != mine.size()) {
            listener.shardsChanged(mine.size(), lost.size());
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
