package io.bida.outbox;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an action would change.
 *
 * @param groups how many of each state and topic
 * @param more whether there are more than were counted
 * @param samples some of them
 * @param keyed how many have an ordering key
 * @param expired how many may not be sent any more
 * @param oldest when the oldest was created
 * @param now the database's clock
 */
public record ActionPreview(
        MessageAction action,
        Map<Group, Long> groups,
        boolean more,
        List<StoredMessage> samples,
        long keyed,
        long expired,
        @Nullable Instant oldest,
        Instant now) {

    /** Counted at most. */
    public static final int MOST = 10_000;

    /** Messages of one state and topic. */
    public record Group(MessageState state, String topic) {}

    public long messages() {
        return groups.values().stream().mapToLong(Long::longValue).sum();
    }
}
