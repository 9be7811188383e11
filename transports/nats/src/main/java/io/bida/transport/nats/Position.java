package io.bida.transport.nats;

import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Instant;
import java.util.Comparator;

/**
 * Where a message stands, which is the same whenever it is delivered, and no other's: the sequences of a stream that is
 * deleted and created again begin again.
 */
record Position(String stream, long sequence, Instant stored) implements Comparable<Position> {

    private static final Comparator<Position> ORDER = Comparator.comparingLong(Position::sequence)
            .thenComparing(Position::stored)
            .thenComparing(Position::stream);

    static Position of(Message message) {
        NatsJetStreamMetaData told = message.metaData();
        return new Position(
                told.getStream(), told.streamSequence(), told.timestamp().toInstant());
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return stream + ":" + sequence + ":" + stored;
    }
}
