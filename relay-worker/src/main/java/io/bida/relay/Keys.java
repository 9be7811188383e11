package io.bida.relay;

import io.bida.outbox.Claim;
import io.bida.outbox.Settlement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ordering keys that have messages under way, held or being written. What is held behind a key is read again, drained,
 * when what stood before it is written: the parked table decides about the key's next message. For the shipper's thread
 * only.
 */
final class Keys {

    private final Map<String, KeyLine> lines = new HashMap<>();
    private final IdentityHashMap<Settlement, KeyLine> writing = new IdentityHashMap<>();
    private Consumer<KeyLine> drain = line -> {};
    private Iterator<KeyLine> round = Collections.emptyIterator();

    /** @param drain asks for the messages parked behind a key */
    void connect(Consumer<KeyLine> drain) {
        this.drain = drain;
    }

    /** The line of a key; a new one where there is none. */
    KeyLine line(String key, int shard) {
        return lines.computeIfAbsent(key, k -> new KeyLine(k, shard));
    }

    @Nullable KeyLine find(Claim claim) {
        String key = claim.row().orderingKey();
        return key == null ? null : lines.get(key);
    }

    /** False for a line whose shard was lost since. */
    boolean isCurrent(KeyLine line) {
        return lines.get(line.key) == line;
    }

    Collection<KeyLine> all() {
        return lines.values();
    }

    /** Some of the keys that nothing in memory will free: others each time, in rounds. */
    List<KeyLine> resting(int most) {
        if (!round.hasNext()) {
            round = lines.values().stream().filter(KeyLine::isResting).toList().iterator();
        }
        List<KeyLine> some = new ArrayList<>();
        while (some.size() < most && round.hasNext()) {
            KeyLine line = round.next();
            if (isCurrent(line) && line.isResting()) {
                some.add(line);
            }
        }
        return some;
    }

    /** Gives up the lines of some shards; answers what waited in them. */
    List<Claim> forget(Set<Integer> shards) {
        List<Claim> waited = new ArrayList<>();
        lines.values().removeIf(line -> {
            boolean gone = shards.contains(line.shard);
            if (gone) {
                waited.addAll(line.giveUp());
            }
            return gone;
        });
        return waited;
    }

    void removeIfIdle(KeyLine line) {
        if (line.isIdle()) {
            lines.remove(line.key, line);
        }
    }

    void drain(KeyLine line) {
        if (line.beginDrain()) {
            drain.accept(line);
        }
    }

    /** A settlement is on its way to the database. */
    void settling(Settlement settlement) {
        KeyLine line = isTracked(settlement) ? find(settlement.claim()) : null;
        if (line != null) {
            line.beginWrite(isHead(settlement));
            writing.put(settlement, line);
        }
    }

    void written(Settlement settlement) {
        KeyLine line = writing.remove(settlement);
        if (line == null) {
            return;
        }
        if (line.endWrite(isHead(settlement))) {
            drain(line);
        }
        removeIfIdle(line);
    }

    /** Whether the parked table has to be written before the key's next message is known. */
    static boolean isTracked(Settlement settlement) {
        Claim.Row row = settlement.claim().row();
        return row.orderingKey() != null && !(row.place().isHot() && settlement instanceof Settlement.Delivered);
    }

    private static boolean isHead(Settlement settlement) {
        return !(settlement instanceof Settlement.Held);
    }
}
