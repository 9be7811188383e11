package io.bida.relay;

import io.bida.message.MessageId;
import io.bida.outbox.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * After a relay ended without giving its leases back: a message may have taken it down. For the claimer's thread only.
 *
 * <ol>
 *   <li>Messages go few at a time, at first one; twice as many when those before are written, or after a second.
 *   <li>What is about to go is written down before. Should this relay end too, the next one counts a crash for each.
 *   <li>While there are messages that were under way at a crash, all go one by one.
 *   <li>One that was under way at several crashes is not sent any more.
 * </ol>
 */
final class Caution {

    private static final Logger log = LoggerFactory.getLogger(Caution.class);

    private static final int CRASHES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final String relay;
    private final SuspectStore store;
    private final Session session;
    private final InFlight inFlight;
    private final LongSupplier nanoClock;
    private final int usual;

    private final Map<MessageId, Integer> suspects = new HashMap<>();
    private final List<Claim> noted = new ArrayList<>();
    private int size;
    /** In which suspects may come. */
    private int rounds;

    private long notedAt;

    /** @param usual messages at a time when nothing is suspected */
    Caution(String relay, SuspectStore store, Session session, InFlight inFlight, LongSupplier nanoClock, int usual) {
        this.relay = relay;
        this.store = store;
        this.session = session;
        this.inFlight = inFlight;
        this.nanoClock = nanoClock;
        this.usual = usual;
        this.size = usual;
    }

    /** @param shards that were taken over from relays that did not give them back */
    void begin(Set<Integer> shards) {
        Map<MessageId, Integer> found = session.transact(handle -> store.load(handle, shards));
        suspects.putAll(found);
        rounds = suspects.size();
        size = 1;
        log.info(
                "{}: took over {} shards that a relay did not give back; begins with few messages, {} of which were under"
                        + " way at a crash.",
                relay,
                shards.size(),
                found.size());
    }

    /** This relay lost shards and lives, so what was under way of them takes no relay down. */
    void lived(Set<Integer> lost) {
        List<MessageId> underWay = noted.stream()
                .map(Claim::row)
                .filter(row -> lost.contains(row.shard()))
                .map(Claim.Row::messageId)
                .toList();
        if (!underWay.isEmpty()) {
            session.transact(handle -> {
                store.acquit(handle, underWay);
                return true;
            });
        }
    }

    /** To be called now and then; the last ones that were written down end after the caution. */
    void rest() {
        forgetGone();
        session.rest();
    }

    boolean isOn() {
        return size < usual;
    }

    /** How many messages may be claimed. */
    int most() {
        return isOneByOne() ? 1 : size;
    }

    /** Whether the next ones may go: those before are under way no more. */
    boolean isReady() {
        forgetGone();
        return noted.isEmpty() || nanoClock.getAsLong() - notedAt > PATIENCE.toNanos();
    }

    private void forgetGone() {
        List<MessageId> gone = new ArrayList<>();
        noted.removeIf(claim -> {
            boolean left = !inFlight.has(claim.row());
            if (left) {
                gone.add(claim.row().messageId());
            }
            return left;
        });
        if (!gone.isEmpty()) {
            session.transact(handle -> {
                store.rest(handle, gone);
                return true;
            });
        }
    }

    /** What was claimed, written down; without that which has been under way at too many crashes. */
    List<Claim> note(List<Claim> claims) {
        List<Claim> careful = claims.stream().map(this::judged).toList();
        if (!careful.isEmpty()) {
            session.transact(handle -> {
                store.note(handle, careful, suspects);
                return true;
            });
            noted.addAll(careful);
            notedAt = nanoClock.getAsLong();
        }
        return careful;
    }

    private Claim judged(Claim claim) {
        int crashes = suspects.getOrDefault(claim.row().messageId(), 0);
        if (crashes < CRASHES) {
            return claim;
        }
        suspects.remove(claim.row().messageId()); // An operator who retries it has mended what it did.
        return new Claim.Unreadable(
                claim.row(),
                "The relay ended " + crashes + " times while this message was under way, so it is not sent any"
                        + " more; retry it when what ends the relay is mended.");
    }

    /** A round is done. */
    void next(int found) {
        rounds = found == 0 ? 0 : rounds - 1;
        if (!isOneByOne()) {
            size = (int) Math.min(usual, 2L * size);
        }
        if (!isOn()) {
            end();
        }
    }

    private void end() {
        suspects.clear();
        session.transact(handle -> {
            store.prune(handle);
            return true;
        });
        session.close();
    }

    /** Suspects that did not come by now are parked for later: not all can wait for them. */
    private boolean isOneByOne() {
        return rounds > 0 && !suspects.isEmpty();
    }
}
