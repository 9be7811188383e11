package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.Claim.Place;
import io.bida.outbox.DueBatch;
import io.bida.outbox.DuePlace;
import io.bida.outbox.OutboxStore;
import io.bida.outbox.Room;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parked messages whose time has come, each state on from where it was read to, and after its end from the
 * beginning again. Those in flight stay where they are until they are written: were each read to begin with the first,
 * as many as one read takes would hide all others. For the claimer's thread only.
 */
final class DueReader {

    private final OutboxStore store;
    private final Session session;
    private final InFlight inFlight;
    private final BatchSize batch;
    /** The next read begins with the first. */
    private final List<Place> states = new ArrayList<>(List.of(Place.RETRY, Place.SCHEDULED));

    private final Map<Place, DuePlace> reached = new EnumMap<>(Place.class);

    /** @param batch messages per read */
    DueReader(OutboxStore store, Session session, InFlight inFlight, int batch) {
        this.store = store;
        this.session = session;
        this.inFlight = inFlight;
        this.batch = new BatchSize(batch);
    }

    /** Begins again from the start: after shards were taken over. */
    void rewind() {
        reached.clear();
    }

    /** What can be claimed next; not yet entered as in flight. */
    List<Claim> read(Map<Integer, Long> leases, Room room) {
        List<Claim> claims = new ArrayList<>();
        Room left = room;
        for (Place state : states) {
            List<Claim> read = readOn(state, leases, left);
            claims.addAll(read);
            if (left.messages() <= read.size()) {
                break;
            }
            left = left.without(read);
        }
        Collections.reverse(states);
        return claims;
    }

    /** Past what is in flight, until there is something else or the end is reached. */
    private List<Claim> readOn(Place state, Map<Integer, Long> leases, Room room) {
        while (true) {
            @Nullable DuePlace after = reached.get(state);
            DueBatch due =
                    session.query(handle -> store.due(handle, state, after, leases, inFlight::has, batch.next(), room));
            batch.got(due.read(), room.messages());
            List<Claim> claims = due.read().claims();
            if (due.next() == null) {
                reached.remove(state);
                return claims;
            }
            reached.put(state, due.next());
            if (!claims.isEmpty()) {
                return claims;
            }
        }
    }
}
