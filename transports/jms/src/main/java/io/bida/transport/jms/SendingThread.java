package io.bida.transport.jms;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.jms.JmsSender.Flight;
import io.bida.transport.jms.Transaction.Phase;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes waiting messages and sends them over a connection of its own, which it opens again when it was lost. */
final class SendingThread extends Thread {

    private static final int MAX_MESSAGES = 500;
    private static final long MAX_BYTES = 4L << 20;

    private final JmsSender.Builder options;
    private final BlockingQueue<Flight> waiting;
    private final ScheduledExecutorService timer;
    private @Nullable SendingLink link;
    private volatile boolean ended;

    SendingThread(
            String name, JmsSender.Builder options, BlockingQueue<Flight> waiting, ScheduledExecutorService timer) {
        super(name);
        setDaemon(true);
        this.options = options;
        this.waiting = waiting;
        this.timer = timer;
    }

    /** It finishes nothing; what it has under way is answered by somebody else. */
    void end() {
        ended = true;
        interrupt();
    }

    @Override
    public void run() {
        while (!ended) {
            try {
                for (List<Flight> flights : byDestination(next())) {
                    carry(flights);
                }
            } catch (InterruptedException e) {
                // Either this ends, or a transaction timed out just when it was over.
            }
        }
        drop();
    }

    private List<Flight> next() throws InterruptedException {
        List<Flight> flights = new ArrayList<>();
        long bytes = 0;
        for (Flight flight = waiting.take(); flight != null; flight = more(flights, bytes) ? waiting.poll() : null) {
            if (System.nanoTime() - flight.since() > options.timeout.toNanos()) {
                flight.receipt()
                        .complete(Receipt.Failed.unavailable("It was not sent: others waited before it.", null));
            } else {
                flights.add(flight);
                bytes += flight.message().payload().size();
            }
        }
        return flights;
    }

    private static boolean more(List<Flight> flights, long bytes) {
        return flights.size() < MAX_MESSAGES && bytes < MAX_BYTES;
    }

    /** What one destination refuses or holds up spoils nobody else's transaction. */
    private Collection<List<Flight>> byDestination(List<Flight> flights) {
        Map<String, List<Flight>> groups = new LinkedHashMap<>();
        flights.forEach(flight -> groups.computeIfAbsent(destination(flight.message()), name -> new ArrayList<>())
                .add(flight));
        return groups.values();
    }

    private String destination(Message message) {
        if (options.queue != null) {
            return options.queue;
        }
        return options.topic != null ? options.topic : message.topic();
    }

    private void carry(List<Flight> flights) {
        Transaction transaction = new Transaction(flights, false, currentThread());
        carry(transaction, () -> send(flights, transaction), failure -> eachAlone(flights, transaction, failure));
    }

    private interface Sending {
        void send() throws JMSException;
    }

    /** @param refused when the provider is there and has refused something */
    private void carry(Transaction transaction, Sending sending, Consumer<Exception> refused) {
        if (ended) {
            return;
        }
        Future<?> timeout = timer.schedule(transaction::expire, options.timeout.toNanos(), TimeUnit.NANOSECONDS);
        try {
            sending.send();
        } catch (JMSException | RuntimeException failure) {
            if (link == null || !link.rolledBack() || transaction.isExpired()) {
                drop();
                transaction.lost(failure);
            } else {
                refused.accept(failure);
            }
        } finally {
            transaction.end();
            timeout.cancel(false);
            Thread.interrupted(); // It was meant for this transaction; where this ends, the loop sees that.
        }
    }

    private void send(List<Flight> flights, Transaction transaction) throws JMSException {
        SendingLink open = open();
        transaction.enter(Phase.SENDING);
        List<BytesMessage> sent = new ArrayList<>(flights.size());
        for (Flight flight : flights) {
            sent.add(open.send(destination(flight.message()), flight.message()));
        }
        transaction.enter(Phase.COMMITTING);
        open.commit();
        for (int i = 0; i < flights.size(); i++) {
            accepted(flights.get(i), sent.get(i));
        }
    }

    /** Whose fault it was, the provider tells of what goes without a transaction. */
    private void eachAlone(List<Flight> flights, Transaction transaction, Exception failure) {
        boolean inDoubt = transaction.mayBeTaken(failure);
        transaction.end();
        for (int i = 0; i < flights.size(); i++) {
            carryAlone(flights.get(i), inDoubt);
            if (link == null) {
                // Each of the rest would wait for its own time-out.
                new Transaction(flights.subList(i + 1, flights.size()), inDoubt, currentThread())
                        .lost(new JMSException("others waited before it"));
                return;
            }
        }
    }

    private void carryAlone(Flight flight, boolean inDoubt) {
        Transaction alone = new Transaction(List.of(flight), inDoubt, currentThread());
        carry(
                alone,
                () -> {
                    SendingLink open = open();
                    alone.enter(Phase.COMMITTING);
                    accepted(flight, open.sendAlone(destination(flight.message()), flight.message()));
                },
                failure -> {
                    alone.end();
                    flight.receipt().complete(Failures.receipt(failure, inDoubt || Failures.isTimeOut(failure)));
                });
    }

    private SendingLink open() throws JMSException {
        SendingLink open = link == null ? SendingLink.open(options) : link;
        link = open;
        return open;
    }

    private void accepted(Flight flight, BytesMessage sent) throws JMSException {
        flight.receipt().complete(new Receipt.Accepted(destination(flight.message()) + " " + sent.getJMSMessageID()));
    }

    private void drop() {
        if (link != null) {
            link.close();
            link = null;
        }
    }
}
