package io.bida.outbox;

import io.bida.message.Payload;
import io.bida.outbox.ClaimMapper.Found;
import io.bida.sql.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Completes what was read by the payloads that were too large to come with their rows, as far as there is room. */
final class LargePayloads {

    private final Dialect dialect;
    private final DurableQueue queue;

    LargePayloads(Dialect dialect, DurableQueue queue) {
        this.dialect = dialect;
        this.queue = queue;
    }

    ClaimBatch within(Handle handle, List<Found> found, Room room) {
        List<Claim> claims = new ArrayList<>(found.size());
        long bytes = 0;
        for (Found each : found) {
            if (each.size() > room.largest()) {
                claims.add(each.unreadable(tooLarge(each.size(), room.largest())));
                continue;
            }
            bytes += each.size();
            if (bytes > room.bytes() && bytes > each.size()) {
                return new ClaimBatch(claims, false);
            }
            claim(handle, each).ifPresent(claims::add);
        }
        return new ClaimBatch(claims, found.size() < room.messages());
    }

    /** Empty when the row has gone since it was read. */
    private Optional<Claim> claim(Handle handle, Found found) {
        if (!found.lacksPayload()) {
            return Optional.of(found.claim(null));
        }
        return handle.createQuery(
                        "SELECT payload FROM " + queue.table(found.row()) + " WHERE seq = :seq AND message_id = :id")
                .bind("seq", found.row().seq())
                .bind("id", dialect.bind(found.row().messageId()))
                .mapTo(byte[].class)
                .findFirst()
                .map(bytes -> found.claim(Payload.wrap(bytes)));
    }

    private static String tooLarge(long size, long largest) {
        return "Its payload of " + size + " bytes is larger than the " + largest
                + " bytes that the relay holds in memory; raise relay.in-flight-size and retry the message.";
    }
}
