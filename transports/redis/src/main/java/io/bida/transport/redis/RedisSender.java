package io.bida.transport.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bida.message.Message;
import io.bida.transport.PendingReceipts;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Appends messages to streams of Redis. Thread-safe.
 *
 * <ol>
 *   <li>{@link #send} queues the messages and returns.
 *   <li>One thread with one connection takes what has gathered, up to 500 messages or 1 MiB, writes it as one pipeline and
 *       reads the answers: the id of the entry is the proof. Where replicas are to have it too, the pipeline ends with
 *       {@code WAIT}, and what too few of them have is unknown.
 *   <li>When the connection is lost, or {@code timeout} passes before the last answer, what was written is unknown; what
 *       was not fails, as all does that waits behind it, and is never sent.
 * </ol>
 *
 * Nothing is sent again here, so what was told to have failed never arrives later. A copy whose fate was unknown may arrive
 * after the one that was sent again: a duplicate behind its original, so that the order of first arrivals holds.
 */
public final class RedisSender implements Sender {

    private static final int MOST_MESSAGES = 500;
    private static final int MOST_BYTES = 1 << 20;

    /** No server's limit is under 1 MiB; what may be over it goes alone, so that it is known which message was refused. */
    private static final int LARGE = 1 << 19;

    private final RedisAddress address;
    private final XAdd add;
    private final int replicas;
    private final Duration timeout;
    private final PendingReceipts receipts = new PendingReceipts();
    private final BlockingQueue<Flight> waiting = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile @Nullable OneConnection connection;
    private volatile boolean closed;

    /** @param replicas how many must have a message, beside the primary, for it to be accepted */
    RedisSender(String name, RedisAddress address, XAdd add, int replicas, Duration timeout) {
        this.address = address;
        this.add = add;
        this.replicas = replicas;
        this.timeout = timeout;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public List<CompletionStage<Receipt>> send(List<Message> messages) {
        List<CompletionStage<Receipt>> stages = new ArrayList<>(messages.size());
        for (Message message : messages) {
            Flight flight = new Flight(message, receipts.open());
            stages.add(flight.receipt);
            waiting.add(flight);
        }
        return stages;
    }

    @Override
    public void close() {
        closed = true;
        receipts.close();
        thread.interrupt();
        disconnect();
    }

    private void run() {
        try {
            while (!closed) {
                List<Flight> batch = gathered();
                if (!batch.isEmpty()) {
                    ship(batch);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
        } finally {
            disconnect();
        }
    }

    private List<Flight> gathered() throws InterruptedException {
        List<Flight> batch = new ArrayList<>();
        Flight next = waiting.take();
        int bytes = 0;
        do {
            batch.add(next);
            bytes += next.size();
            next = waiting.peek();
        } while (next != null
                && batch.size() < MOST_MESSAGES
                && bytes <= LARGE
                && bytes + next.size() <= MOST_BYTES
                && waiting.remove(next));
        batch.removeIf(flight -> flight.receipt.isDone());
        return batch;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what comes late only ends a connection
    private void ship(List<Flight> batch) {
        OneConnection open;
        try {
            open = connected();
        } catch (RuntimeException e) {
            disconnect();
            failUnsent(batch, e);
            return;
        }
        CompletableFuture<Void> late =
                new CompletableFuture<Void>().completeOnTimeout(null, timeout.toNanos(), TimeUnit.NANOSECONDS);
        late.thenRun(open::end);
        try {
            new Pipeline(open, batch).run();
        } finally {
            late.cancel(false);
        }
    }

    private OneConnection connected() {
        OneConnection open = connection;
        if (open == null) {
            open = address.connect();
            connection = open;
        }
        if (closed) {
            throw new JedisConnectionException("The sender is closed.");
        }
        return open;
    }

    private void disconnect() {
        OneConnection open = connection;
        connection = null;
        if (open != null) {
            open.end();
        }
    }

    private void failUnsent(List<Flight> batch, RuntimeException e) {
        List<Flight> unsent = new ArrayList<>(batch);
        waiting.drainTo(unsent);
        Receipt failed = Receipt.Failed.unavailable(address + " cannot be reached: " + e.getMessage(), null);
        unsent.forEach(flight -> flight.receipt.complete(failed));
    }

    private record Flight(Message message, CompletableFuture<Receipt> receipt) {

        int size() {
            return message.payload().size();
        }
    }

    /** Commands that are written together, and their answers. */
    private final class Pipeline {

        private final OneConnection open;
        private final List<Flight> batch;
        private final List<Receipt> answers = new ArrayList<>();
        private int written;
        private boolean reconnect;

        Pipeline(OneConnection open, List<Flight> batch) {
            this.open = open;
            this.batch = batch;
        }

        void run() {
            try {
                write();
                while (answers.size() < batch.size()) {
                    answers.add(answer());
                }
                if (replicas > 0) {
                    awaitReplicas(replicasReached());
                }
                complete();
            } catch (RuntimeException e) {
                reconnect = true;
                broken(e);
            }
            if (reconnect) {
                disconnect();
            }
        }

        private void write() {
            for (Flight flight : batch) {
                written++;
                open.sendCommand(add.command(flight.message));
            }
            if (replicas > 0) {
                long wait = Math.max(1, timeout.toMillis() / 2);
                open.sendCommand(OneConnection.arguments(Command.WAIT, replicas, wait));
            }
        }

        private Receipt answer() {
            String stream = add.stream(batch.get(answers.size()).message);
            try {
                Object id = open.getOne();
                return id == null
                        ? new Receipt.Failed(address + " has no stream '" + stream + "'.")
                        : new Receipt.Accepted(stream + " " + new String((byte[]) id, UTF_8));
            } catch (JedisDataException e) {
                if (Refusals.isTooLarge(e)) {
                    throw e;
                }
                reconnect |= Refusals.isForReconnecting(e);
                return Refusals.receipt(address, e);
            }
        }

        /** None, where the server has become a replica itself. */
        private long replicasReached() {
            try {
                return (Long) open.getOne();
            } catch (JedisDataException e) {
                reconnect = true;
                return 0;
            }
        }

        private void awaitReplicas(long reached) {
            if (reached < replicas) {
                answers.replaceAll(answer -> answer instanceof Receipt.Accepted
                        ? new Receipt.Unknown(address + " has it, but only " + reached + " of " + replicas
                                + " replicas confirmed it in time.")
                        : answer);
            }
        }

        private void complete() {
            for (int i = 0; i < answers.size(); i++) {
                batch.get(i).receipt.complete(answers.get(i));
            }
        }

        private void broken(RuntimeException e) {
            if (batch.size() == 1 && Refusals.isTooLarge(e)) {
                batch.get(0)
                        .receipt
                        .complete(new Receipt.Rejected(
                                address + " takes no payload of " + batch.get(0).size() + " bytes: " + e.getMessage()));
                return;
            }
            if (replicas == 0) {
                complete();
            }
            Receipt unknown = new Receipt.Unknown(
                    "The connection to " + address + " was lost before it answered: " + e.getMessage());
            batch.subList(0, written).forEach(flight -> flight.receipt.complete(unknown));
            failUnsent(batch.subList(written, batch.size()), e);
        }
    }
}
