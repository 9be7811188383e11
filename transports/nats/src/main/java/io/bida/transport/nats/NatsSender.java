package io.bida.transport.nats;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.bida.message.Message;
import io.bida.message.RefusedException;
import io.bida.transport.PendingReceipts;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes messages to the streams of NATS JetStream as CloudEvents in binary mode, with the message id as {@code
 * Nats-Msg-Id}: a stream drops what it was given before, within its duplicate window. Thread-safe.
 *
 * <p>A connection that is lost is never used again, and nothing that waited in it is sent later: what was not written failed,
 * what may have been written is unknown. A late copy can only be one that the server itself has held up, and the stream drops
 * it.
 */
public final class NatsSender implements Sender {

    private static final Logger log = LoggerFactory.getLogger(NatsSender.class);

    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration CREATE_AGAIN = Duration.ofSeconds(5);
    private static final Pattern FORBIDDEN =
            Pattern.compile("permissions violation for publish to \"([^\"]+)\"", Pattern.CASE_INSENSITIVE);

    private final @Nullable String subject;
    private final boolean create;
    private final Duration timeout;
    private final PendingReceipts owed = new PendingReceipts();
    private final Map<CompletableFuture<Receipt>, String> destinations = new ConcurrentHashMap<>();
    private final Set<String> withoutStream = ConcurrentHashMap.newKeySet();
    private long createFrom = System.nanoTime();
    private final NatsConnections connections;
    private volatile @Nullable Connection connection;

    /**
     * @param subject of all messages; null: each goes to its topic
     * @param create whether a stream is created for a subject that none has; its first messages fail
     */
    NatsSender(String name, NatsServers servers, @Nullable String subject, boolean create) {
        this.subject = subject;
        this.create = create;
        this.timeout = servers.timeout();
        this.connections = new NatsConnections("bida " + name, servers, new NatsConnections.Use() {
            @Override
            public void of(Connection made, NatsConnections.Lost lost) throws Exception {
                use(made, lost);
            }

            @Override
            public void error(String text) {
                refuse(text);
            }
        });
        connections.start();
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        return messages.stream().map(this::sent).toList();
    }

    @Override
    public void close() {
        owed.close();
        connections.close();
    }

    private void use(Connection made, NatsConnections.Lost lost) throws Exception {
        JetStreamManagement management = made.jetStreamManagement(
                JetStreamOptions.builder().requestTimeout(timeout).build());
        connection = made;
        try {
            while (!lost.await(TICK)) {
                createStreams(management);
            }
        } finally {
            connection = null;
            owed.lose("The connection to NATS was lost before the answer came.");
        }
    }

    /** One that cannot be created is its own messages' trouble: not before a pause it is tried again. */
    private void createStreams(JetStreamManagement management) {
        if (System.nanoTime() - createFrom < 0) {
            return;
        }
        for (String missing : List.copyOf(withoutStream)) {
            withoutStream.remove(missing);
            try {
                NatsStreams.create(management, missing);
            } catch (IOException | JetStreamApiException e) {
                createFrom = System.nanoTime() + CREATE_AGAIN.toNanos();
                log.error(
                        "nats: no stream takes the subject {}, and none could be created ({}): its messages fail until there"
                                + " is one; it is tried again in {} s",
                        missing,
                        e.getMessage(),
                        CREATE_AGAIN.toSeconds());
            }
        }
    }

    /** A subject that is forbidden is told apart from the answers, which never come. */
    private void refuse(String error) {
        Matcher forbidden = FORBIDDEN.matcher(error);
        if (forbidden.find()) {
            String where = forbidden.group(1);
            destinations.forEach((receipt, destination) -> {
                if (destination.equals(where)) {
                    receipt.complete(new Receipt.Failed("The user may not publish to the subject " + where + "."));
                }
            });
        }
    }

    private String why() {
        String trouble = connections.trouble();
        return trouble == null ? "a connection is being made." : trouble + ".";
    }

    private CompletionStage<Receipt> sent(Message message) {
        CompletableFuture<Receipt> receipt = owed.open();
        Connection now = connection;
        if (receipt.isDone()) {
            return receipt;
        }
        if (now == null) {
            receipt.complete(Receipt.Failed.unavailable("NATS is not connected: " + why(), null));
            return receipt;
        }
        try {
            publish(now, message, receipt);
        } catch (RefusedException | IllegalArgumentException e) {
            receipt.complete(new Receipt.Rejected(String.valueOf(e.getMessage())));
        } catch (IllegalStateException e) {
            receipt.complete(Receipt.Failed.unavailable("NATS is not connected: " + e.getMessage(), null));
        }
        return receipt;
    }

    @SuppressWarnings({"FutureReturnValueIgnored", "CollectionUndefinedEquality"
    }) // the receipt is told; and itself the key
    private void publish(Connection to, Message message, CompletableFuture<Receipt> receipt) {
        String where = NatsSubjects.toSendTo(subject == null ? message.topic() : subject);
        destinations.put(receipt, where);
        receipt.thenRun(() -> destinations.remove(receipt));
        to.requestWithTimeout(
                        where, NatsEvents.headers(message), message.payload().toByteArray(), timeout)
                .whenComplete((answer, failure) -> {
                    if (create && NatsReceipts.isWithoutStream(failure)) {
                        withoutStream.add(where);
                    }
                    receipt.complete(NatsReceipts.of(where, answer, failure));
                });
        receipt.completeOnTimeout(
                new Receipt.Unknown("NATS did not answer for " + where + " within " + timeout.toMillis() + " ms."),
                timeout.toNanos(),
                NANOSECONDS);
    }
}
