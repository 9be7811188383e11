package io.bida.transport.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What can never be handled, until a stream has it. Thread-safe. */
final class NatsDeadLetters {

    private static final Logger log = LoggerFactory.getLogger(NatsDeadLetters.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private record Letter(Message message, String reason) {}

    private final String group;
    private final String subject;
    private final Duration timeout;
    private final Consumer<Message> kept;
    private final Map<Position, Letter> letters = new ConcurrentSkipListMap<>();
    private volatile long next = System.nanoTime();

    /**
     * @param subject where they go
     * @param kept is told what a stream has
     */
    NatsDeadLetters(String group, String subject, Duration timeout, Consumer<Message> kept) {
        this.group = group;
        this.subject = subject;
        this.timeout = timeout;
        this.kept = kept;
    }

    void add(Message message, String reason) {
        letters.put(Position.of(message), new Letter(message, reason));
    }

    /** They are another receiver's now. */
    void forget() {
        letters.clear();
    }

    /** Publishes what there is; after a failure not before a pause. */
    void publish(Connection connection) {
        if (System.nanoTime() - next < 0) {
            return;
        }
        for (Map.Entry<Position, Letter> each : List.copyOf(letters.entrySet())) {
            Position position = each.getKey();
            Letter letter = each.getValue();
            try {
                publish(connection, position, letter);
            } catch (IOException | JetStreamApiException | RuntimeException e) {
                next = System.nanoTime() + PAUSE.toNanos();
                log.error(
                        "{}: the dead letter {} cannot be kept on the subject {} ({}): it is not acknowledged, and tried"
                                + " again every {} s; a stream must take that subject",
                        group,
                        position,
                        subject,
                        e.getMessage(),
                        PAUSE.toSeconds());
                if (e instanceof IOException) {
                    return; // It will be no better for the next ones.
                }
                continue;
            }
            letters.remove(position);
            kept.accept(letter.message());
        }
    }

    private void publish(Connection connection, Position position, Letter letter)
            throws IOException, JetStreamApiException {
        connection
                .jetStream(JetStreamOptions.builder().requestTimeout(timeout).build())
                .publish(
                        subject,
                        NatsEvents.deadHeaders(letter.message(), group + " " + position, letter.reason()),
                        letter.message().getData());
    }
}
