package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.DurableQueue;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Relays that share one database's shards, turn by turn; a lease ends when the test says so. */
class LeaseKeeperTest {

    private static final Duration LEASE = Duration.ofMinutes(10);

    private final DataSource database = H2.fresh();
    private final Jdbi jdbi = Jdbi.create(database);
    private final List<Session> sessions = new ArrayList<>();
    private long now;

    @AfterEach
    void close() {
        sessions.forEach(Session::close);
    }

    @Test
    void aRelayAloneTakesAllShards() throws Exception {
        Node a = new Node("a");
        a.turn();
        assertThat(a.shards()).hasSize(64);
        assertThat(a.keeper.ownership().covers(0, 1)).isTrue();
    }

    @Test
    void whoJoinsGetsAFairShareAndNoShardHasTwoOwners() throws Exception {
        Node a = new Node("a");
        Node b = new Node("b");
        Node c = new Node("c");
        for (int turn = 0; turn < 4; turn++) {
            a.turn();
            b.turn();
            c.turn();
            Set<Integer> all = new HashSet<>(a.shards());
            all.addAll(b.shards());
            all.addAll(c.shards());
            assertThat(all)
                    .hasSize(a.shards().size() + b.shards().size() + c.shards().size());
        }
        assertThat(a.shards()).hasSize(22);
        assertThat(b.shards()).hasSize(21);
        assertThat(c.shards()).hasSize(21);
    }

    @Test
    void aShardIsHandedOverOnlyWhenNothingOfItIsInFlight() throws Exception {
        Node a = new Node("a");
        a.turn();
        Node b = new Node("b");
        var claim = Claims.hot(1, "key");
        a.inFlight.enter(claim);
        for (int turn = 0; turn < 3; turn++) {
            b.turn();
            a.turn();
        }
        assertThat(a.shards()).hasSize(32);
        boolean kept = a.shards().contains(Claims.SHARD);
        assertThat(owner(Claims.SHARD)).isEqualTo("a");
        assertThat(b.shards()).hasSize(kept ? 32 : 31);

        a.inFlight.leave(List.of(claim));
        a.inFlight.forgetWritten();
        for (int turn = 0; turn < 2; turn++) {
            a.turn();
            b.turn();
        }
        assertThat(b.shards()).hasSize(32);
    }

    @Test
    void theShardsOfARelayThatIsNotHeardOfAreTakenWithTheNextEpoch() throws Exception {
        Node a = new Node("a");
        a.turn();
        Node b = new Node("b");
        b.turn();
        assertThat(b.shards()).isEmpty();

        jdbi.useHandle(handle -> handle.execute("UPDATE bida_lease SET expires_at = TIMESTAMP '2001-01-01 00:00:00'"));
        jdbi.useHandle(handle ->
                handle.execute("UPDATE bida_node SET heartbeat_at = TIMESTAMP '2001-01-01 00:00:00' WHERE node = 'a'"));
        b.turn();
        assertThat(b.shards()).hasSize(64);
        assertThat(b.keeper.ownership().covers(5, 2)).isTrue();

        a.turn();
        assertThat(a.shards()).as("it finds that they are gone").isEmpty();
    }

    @Test
    void aRelayThatCannotRenewStopsBeforeItsLeaseEnds() throws Exception {
        Node a = new Node("a");
        a.turn();
        assertThat(a.keeper.isCurrent()).isTrue();
        now += LEASE.toNanos() / 10 * 8;
        assertThat(a.keeper.isCurrent()).isFalse();
        assertThat(a.keeper.ownership().isCurrent(now)).isFalse();
        a.turn();
        assertThat(a.keeper.ownership().isCurrent(now)).isTrue();
    }

    @Test
    void leavingGivesEverythingBackAtOnce() throws Exception {
        Node a = new Node("a");
        Node b = new Node("b");
        a.turn();
        a.keeper.leave();
        assertThat(a.shards()).isEmpty();
        b.turn();
        assertThat(b.shards()).hasSize(64);
    }

    @Test
    void whereNobodyTakesMessagesTheShardsGoToTheOthersAndComeBackWhenSomebodyDoes() throws Exception {
        Node a = new Node("a");
        Node b = new Node("b");
        turns(a, b);
        var claim = Claims.hot(1, "key");
        Node holder = a.shards().contains(Claims.SHARD) ? a : b;
        Node other = holder.equals(a) ? b : a;
        holder.inFlight.enter(claim);
        holder.wanted = false;
        turns(a, b);
        assertThat(holder.shards()).isEmpty();
        assertThat(other.shards()).hasSize(63);

        holder.inFlight.leave(List.of(claim));
        holder.inFlight.forgetWritten();
        turns(a, b);
        assertThat(other.shards()).hasSize(64);
        assertThat(holder.keeper.isCurrent()).isTrue();

        holder.wanted = true;
        turns(a, b);
        assertThat(holder.shards()).hasSize(32);
        assertThat(other.shards()).hasSize(32);
    }

    @Test
    void whoIsAloneKeepsTheShardsThoughNobodyTakesMessages() throws Exception {
        Node a = new Node("a");
        a.turn();
        a.wanted = false;
        a.turn();
        assertThat(a.shards()).hasSize(64);
    }

    private static void turns(Node a, Node b) throws InterruptedException {
        for (int turn = 0; turn < 4; turn++) {
            a.turn();
            b.turn();
        }
    }

    private String owner(int shard) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT owner FROM bida_lease WHERE shard = :shard")
                .bind("shard", shard)
                .mapTo(String.class)
                .one());
    }

    private final class Node {

        final InFlight inFlight = new InFlight();
        final LeaseKeeper keeper;
        boolean wanted = true;

        Node(String name) {
            Session session = Session.readCommitted(database, Dialect.named("h2"));
            sessions.add(session);
            LeaseStore store = new LeaseStore(H2.DIALECT, DurableQueue.OUTBOX, name, LEASE);
            keeper = new LeaseKeeper(
                    "relay " + name, LEASE, store, session, inFlight, () -> wanted, () -> now, RelayListener.NONE);
        }

        void turn() throws InterruptedException {
            keeper.wake(); // It does not pause then.
            keeper.turn();
        }

        Set<Integer> shards() {
            return keeper.ownership().leases().keySet();
        }
    }
}
