package io.bida.transport.jms;

import io.bida.transport.Receipt;
import io.bida.transport.jms.JmsSender.Flight;
import java.util.List;

/** How far some messages have come, and so what is known of them when it goes no further. Thread-safe. */
final class Transaction {

    enum Phase {
        CONNECTING,
        SENDING,
        COMMITTING,
        EXPIRED,
        ENDED
    }

    private final List<Flight> flights;
    private final boolean inDoubt;
    private final Thread thread;
    private Phase phase = Phase.CONNECTING;

    /** @param inDoubt whether they may have been taken before, so that no failure is certain */
    Transaction(List<Flight> flights, boolean inDoubt, Thread thread) {
        this.flights = flights;
        this.inDoubt = inDoubt;
        this.thread = thread;
    }

    /** @throws IllegalStateException it expired: it must not go on */
    synchronized void enter(Phase next) {
        if (phase == Phase.EXPIRED) {
            throw new IllegalStateException("It took too long.");
        }
        phase = next;
    }

    /** It takes too long: answers, and wakes the thread that waits for the provider. */
    synchronized void expire() {
        if (phase != Phase.ENDED) {
            answer(
                    phase == Phase.CONNECTING
                            ? "No connection was there in time."
                            : "The broker did not answer in time.");
            phase = Phase.EXPIRED;
            thread.interrupt();
        }
    }

    synchronized boolean isExpired() {
        return phase == Phase.EXPIRED;
    }

    /** The connection is gone, or was never there; without an effect on what was answered already. */
    synchronized void lost(Exception failure) {
        if (phase != Phase.EXPIRED) {
            answer(
                    phase == Phase.CONNECTING
                            ? "Not connected: " + Failures.text(failure)
                            : "The connection was lost: " + Failures.text(failure));
            phase = Phase.ENDED;
        }
    }

    /** From now on nobody is interrupted. */
    synchronized void end() {
        if (phase != Phase.EXPIRED) {
            phase = Phase.ENDED;
        }
    }

    /** Whether the broker may have it although this failed. */
    synchronized boolean mayBeTaken(Exception failure) {
        return inDoubt || (phase == Phase.COMMITTING && !Failures.isRollback(failure));
    }

    private void answer(String reason) {
        Receipt receipt = inDoubt || phase == Phase.COMMITTING
                ? new Receipt.Unknown(reason)
                : Receipt.Failed.unavailable(reason, null);
        flights.forEach(flight -> flight.receipt().complete(receipt));
    }
}
